"""The wheels under test, an index that has them, and environments."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from index import Environment, LocalIndex, interpreter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent.parent
DIST = ROOT / "dist"
# Third-party packages, which `make test-packaging` downloads.
OTHERS = ROOT / "build" / "packages"


def files_in(*folders: Path) -> list[Path]:
    """The wheels and source distributions in folders."""
    return [file for folder in folders for file in sorted(folder.iterdir()) if file.suffix in (".whl", ".gz")]


@pytest.fixture(scope="session")
def kinds() -> list[str]:
    """The backends that have a wheel in dist/."""
    return [kind for kind in ("cpu", "cuda", "rocm", "metal") if any(DIST.glob(f"trustformers_{kind}-*.whl"))]


@pytest.fixture(scope="session")
def version() -> str:
    """The version of the wheels under test."""
    (wheel,) = DIST.glob("trustformers-*.whl")
    return wheel.name.split("-")[1]


@pytest.fixture
def make_index(tmp_path: Path) -> Iterator[Callable[..., LocalIndex]]:
    """Makes indexes that end with the test."""
    made: list[LocalIndex] = []

    def make(files: list[Path]) -> LocalIndex:
        root = tmp_path / f"index{len(made)}"
        root.mkdir()
        made.append(LocalIndex(root, files))
        return made[-1]

    yield make
    for index in made:
        index.close()


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalIndex]:
    """The index of everything in dist/ and build/packages."""
    made = LocalIndex(tmp_path_factory.mktemp("index"), files_in(DIST, OTHERS))
    yield made
    made.close()


@pytest.fixture
def make_environment(tmp_path: Path, index: LocalIndex) -> Iterator[Callable[..., Environment]]:
    """Makes environments, which are removed after the test."""
    made: list[Environment] = []

    def make(version: str = "3.12", *, uv: bool = False, of: LocalIndex | None = None) -> Environment:
        python = interpreter(version)
        if python is None:
            pytest.skip(f"there is no CPython {version}")
        made.append(Environment(tmp_path / f"environment{len(made)}", python, of or index, uv=uv))
        return made[-1]

    yield make
    for environment in made:
        environment.remove()


def pytest_report_header() -> str:
    """The files under test."""
    return "dist: " + ", ".join(f"{file.name} {os.stat(file).st_size / 1e6:.1f} MB" for file in files_in(DIST))
