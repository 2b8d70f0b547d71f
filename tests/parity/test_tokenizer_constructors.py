"""Tokenizers made by their constructors, beside transformers. `make parity` runs it; torch is not in CI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
import transformers
import trustformers

GOLDENS = Path(__file__).parents[1] / "goldens" / "tokenizers"
FILES = GOLDENS / "vocabularies"
PIPELINES = GOLDENS / "repositories"
TEXT = "The quick Tokens jump, a text! Crème"


def model(pipeline: str) -> Any:
    return json.loads((PIPELINES / f"{pipeline}.json").read_text())["model"]


def pairs(pipeline: str) -> tuple[Any, Any]:
    found = model(pipeline)
    rows = (merge.split(" ") if isinstance(merge, str) else merge for merge in found["merges"])
    return found["vocab"], [tuple(row) for row in rows]


def files(folder: str) -> tuple[str, str]:
    return str(FILES / folder / "vocab.json"), str(FILES / folder / "merges.txt")


WORDS = str(FILES / "wordpiece" / "vocab.txt")
VOCAB = model("wordpiece")["vocab"]
PIECES = [tuple(row) for row in model("unigram")["vocab"]]
CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("BertTokenizer", (WORDS,), {}),
    ("BertTokenizer", (WORDS, False), {}),
    ("BertTokenizerFast", (), {"vocab": VOCAB, "strip_accents": False, "model_max_length": 6, "padding_side": "left"}),
    ("DistilBertTokenizer", (WORDS,), {}),
    ("ElectraTokenizer", (VOCAB,), {}),
    ("MPNetTokenizer", (str(FILES / "mpnet" / "vocab.txt"),), {}),
    ("GPT2Tokenizer", files("gpt2"), {}),
    ("GPT2Tokenizer", pairs("byte_level"), {"add_prefix_space": True}),
    ("RobertaTokenizer", files("byte_level"), {}),
    ("RobertaTokenizer", pairs("byte_level"), {"add_prefix_space": True}),
    ("CodeGenTokenizer", files("gpt2"), {}),
    ("DebertaTokenizer", files("deberta"), {}),
    ("Qwen2Tokenizer", pairs("byte_level"), {"pad_token": "[P]"}),
    ("GPTNeoXTokenizer", pairs("byte_level"), {}),
    ("CohereTokenizer", pairs("byte_level"), {}),
    ("XLMRobertaTokenizer", (PIECES,), {}),
    ("T5Tokenizer", (PIECES,), {"extra_ids": 3}),
    ("AlbertTokenizer", (PIECES,), {}),
    ("CamembertTokenizer", (), {"vocab": PIECES}),
    ("DebertaV2Tokenizer", (PIECES,), {}),
    ("RemBertTokenizer", (PIECES,), {}),
    ("LlamaTokenizer", pairs("metaspace"), {"add_bos_token": True}),
    ("GemmaTokenizer", pairs("metaspace"), {}),
    (
        "PreTrainedTokenizerFast",
        (),
        {"tokenizer_file": str(GOLDENS / "unigram" / "tokenizer.json"), "eos_token": "</s>"},
    ),
]
WRAPPED = [
    ("BertTokenizer", "wordpiece"),
    ("RobertaTokenizer", "byte_level"),
    ("LlamaTokenizer", "metaspace"),
    ("XLMRobertaTokenizer", "unigram"),
    ("T5Tokenizer", "unigram"),
    ("PreTrainedTokenizerFast", "wordpiece"),
]


def described(tokenizer: Any) -> Any:
    names = ("special_tokens_map", "padding_side", "model_input_names", "model_max_length", "add_bos_token")
    rows = tokenizer(TEXT, "a pair")["input_ids"], tokenizer.tokenize(TEXT)
    return type(tokenizer).__name__, len(tokenizer), rows, [getattr(tokenizer, name) for name in names]


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS)
def test_constructors_make_the_tokenizers_of_transformers(name: str, args: Any, kwargs: Any) -> None:
    expected, found = (getattr(library, name)(*args, **kwargs) for library in (transformers, trustformers))
    assert described(found) == described(expected)


@pytest.mark.parametrize(("name", "pipeline"), WRAPPED)
@pytest.mark.parametrize("form", ["tokenizer_file", "tokenizer_object"])
def test_classes_wrap_a_pipeline(name: str, pipeline: str, form: str) -> None:
    file = str(PIPELINES / f"{pipeline}.json")
    value = file if form == "tokenizer_file" else tokenizers.Tokenizer.from_file(file)
    expected, found = (getattr(library, name)(**{form: value}) for library in (transformers, trustformers))
    assert described(found) == described(expected)
