"""Tokenizers of encoder-decoders beside transformers, on random texts. `make parity` runs it; torch is not in CI.

Families whose reference needs the package sentencepiece have goldens in tests/goldens/tokenizers alone.
"""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import transformers
import trustformers

ROOT = Path(__file__).parents[1] / "goldens" / "tokenizers"
GOLDEN = json.loads((ROOT / "encoder_decoders.json").read_text())
CASES: dict[str, Any] = GOLDEN["cases"]
NAMES = [
    name
    for name, case in CASES.items()
    if case["vocabulary"].startswith(("saved", "nllb_file", "byte_level", "blenderbot_small"))
]
WORDS = [word for text in GOLDEN["texts"]["all"] for word in text.split(" ")] + ["\n", "\r\n", "\t", "  ", "ß", "ﬁ"]


def laid(directory: Path, name: str) -> Path:
    case = CASES[name]
    shutil.copytree(ROOT / "encoder_decoders" / case["vocabulary"], directory)
    for file, value in case["files"].items():
        (directory / file).write_text(json.dumps(value))
    return directory


def texts(seed: int) -> list[str]:
    chance = random.Random(seed)
    return [chance.choice(["", " "]).join(chance.choices(WORDS, k=chance.randrange(12))) for _ in range(80)]


def calls(tokenizer: Any, seed: int) -> list[Any]:
    given = texts(seed)
    both = tokenizer(given, text_target=given[::-1], padding=True, truncation=True, max_length=20)
    plain = tokenizer(given)["input_ids"]
    decoded = [tokenizer.decode(ids, skip_special_tokens=skips) for ids in plain for skips in (False, True)]
    return [both["input_ids"], both["attention_mask"], both["labels"], plain, decoded]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NAMES)
def test_calls_are_those_of_transformers(name: str, seed: int, tmp_path: Path) -> None:
    directory, kwargs = laid(tmp_path / name, name), CASES[name]["kwargs"]
    ours = trustformers.AutoTokenizer.from_pretrained(directory, **kwargs)
    reference = transformers.AutoTokenizer.from_pretrained(directory, **kwargs)
    assert calls(ours, seed) == calls(reference, seed)


@pytest.mark.parametrize("name", NAMES)
def test_transformers_reads_what_is_saved(name: str, tmp_path: Path) -> None:
    directory, kwargs = laid(tmp_path / name, name), CASES[name]["kwargs"]
    ours = trustformers.AutoTokenizer.from_pretrained(directory, **kwargs)
    ours.save_pretrained(tmp_path / "saved")
    shutil.copy(directory / "config.json", tmp_path / "saved")
    reference = transformers.AutoTokenizer.from_pretrained(tmp_path / "saved")
    assert type(reference).__name__ == type(ours).__name__
    assert calls(reference, 7) == calls(ours, 7)
