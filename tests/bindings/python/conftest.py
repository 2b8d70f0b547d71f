"""What `prepare.py` wrote: models, and values of the reference."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def cases() -> Path:
    return Path(os.environ["TRUSTFORMERS_CASES"])


@pytest.fixture(scope="session")
def minilm(cases: Path) -> str:
    return (cases / "minilm.txt").read_text()


@pytest.fixture(scope="session")
def models(cases: Path) -> Path:
    return cases / "models"


def lines(cases: Path, name: str) -> list[list[str]]:
    text = (cases / f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.removesuffix("\n").split("\n")]
