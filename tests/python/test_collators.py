"""Data collators without torch."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import (
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    DataCollatorForSeq2Seq,
    DataCollatorForTokenClassification,
    DataCollatorForWholeWordMask,
    DataCollatorWithFlattening,
    DataCollatorWithPadding,
    DefaultDataCollator,
    Tensor,
    default_data_collator,
    set_seed,
)
from trustformers.errors import InputError


@pytest.fixture
def tokenizer(minilm_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(sys.modules, "torch", None)
    return AutoTokenizer.from_pretrained(minilm_path)


def rows(tokenizer: Any, **options: Any) -> list[Any]:
    return [tokenizer(text, **options) for text in ("one two three", "four")]


def test_batches_are_tensors_without_torch(tokenizer: Any) -> None:
    examples = [{**row, "labels": row["input_ids"]} for row in rows(tokenizer)]
    for collator in (
        DataCollatorForTokenClassification(tokenizer),
        DataCollatorForSeq2Seq(tokenizer),
        DataCollatorForLanguageModeling(tokenizer, seed=0),
    ):
        batch = collator([dict(row) for row in (rows(tokenizer) if hasattr(collator, "mlm") else examples)])
        assert all(isinstance(value, Tensor) for value in batch.values())
        assert batch["labels"].shape == batch["input_ids"].shape == (2, 5)
    assert DataCollatorForTokenClassification(tokenizer)(examples)["labels"].tolist()[1][3:] == [-100, -100]
    assert isinstance(DefaultDataCollator()([{"a": [1]}])["a"], Tensor)
    assert isinstance(DefaultDataCollator(return_tensors="np").torch_call([{"a": [1]}])["a"], Tensor)
    assert isinstance(DefaultDataCollator().numpy_call([{"a": [1]}])["a"], np.ndarray)
    flat = DataCollatorWithFlattening()([{"input_ids": [1, 2]}, {"input_ids": [3]}])
    assert flat["position_ids"].tolist() == [[0, 1, 0]] and flat["labels"].tolist() == [[-100, 2, -100]]


@pytest.mark.parametrize("kind", ["np", "tf_rs"])
def test_shares_of_masked_tokens_are_the_given_ones(kind: str, tokenizer: Any) -> None:
    text = "some words that say nothing at all " * 60
    examples = [tokenizer(text, truncation=True, return_special_tokens_mask=True) for _ in range(32)]
    batch = DataCollatorForLanguageModeling(tokenizer, seed=5, return_tensors=kind)(examples)
    ids, labels = np.asarray(batch["input_ids"]), np.asarray(batch["labels"])
    masked = labels != -100
    assert abs(masked.mean() - 0.15) < 0.01
    assert abs((ids == tokenizer.mask_token_id)[masked].mean() - 0.8) < 0.03
    assert abs((ids == labels)[masked].mean() - 0.1) < 0.03
    assert not masked[:, 0].any() and (ids == np.where(masked, ids, examples[0]["input_ids"])).all()
    again = DataCollatorForLanguageModeling(tokenizer, seed=5, return_tensors=kind)
    first, second = (np.asarray(again(examples)["input_ids"]) for _ in range(2))
    assert (first == ids).all() and (second != ids).any()


def test_masks_without_a_seed_follow_set_seed(tokenizer: Any) -> None:
    collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.5)
    batches = []
    for seed in (1, 1, 2):
        set_seed(seed)
        batches.append(np.asarray(collator([tokenizer("one two three four five")])["labels"]).tolist())
    assert batches[0] == batches[1] != batches[2]


def test_set_seed_seeds_an_imported_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []
    monkeypatch.setitem(sys.modules, "torch", types.SimpleNamespace(manual_seed=seeds.append))
    set_seed(7)
    assert seeds == [7]


def test_whole_words_are_masked(tokenizer: Any) -> None:
    options = {"return_offsets_mapping": True, "return_special_tokens_mask": True}
    text = "unbelievableness tokenization " * 9
    collator = DataCollatorForWholeWordMask(
        tokenizer, mask_replace_prob=1.0, random_replace_prob=0.0, seed=2, return_tensors="np"
    )
    row = tokenizer(text, **options)
    words = row.word_ids()
    masked = {word for word, label in zip(words, collator([row])["labels"][0], strict=True) if label != -100}
    labels = collator([row])["labels"][0]
    assert masked and None not in masked
    for word in set(words) - {None}:
        assert len({label != -100 for index, label in zip(words, labels, strict=True) if index == word}) == 1
    side = tokenizer.padding_side
    try:
        for tokenizer.padding_side in ("right", "left"):
            batch = collator([row, tokenizer("unbelievableness", **options)])
            padding = batch["attention_mask"] == 0
            assert padding[1].any() and (batch["labels"][padding] == -100).all()
            assert len(set((batch["labels"][1] != -100)[~padding[1]][1:-1].tolist())) == 1
    finally:
        tokenizer.padding_side = side
    with pytest.raises(InputError, match="return_offsets_mapping"):
        collator([tokenizer(text)])
    with pytest.warns(UserWarning, match="mask_replace_prob is 1"):
        DataCollatorForLanguageModeling(tokenizer, whole_word_mask=True)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mlm_probability": 2}, "mlm_probability.*2"),
        ({"mlm_probability": None}, "mlm_probability.*None"),
        ({"mask_replace_prob": 0.9, "random_replace_prob": 0.2}, "sum"),
        ({"random_replace_prob": -0.1}, "random_replace_prob"),
        ({"mlm": False, "whole_word_mask": True}, "mlm=True"),
    ],
)
def test_wrong_shares_are_named(tokenizer: Any, options: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        DataCollatorForLanguageModeling(tokenizer, **options)


def test_what_cannot_be_collated_is_named(tokenizer: Any) -> None:
    with pytest.raises(InputError, match="at least one"):
        default_data_collator([])
    with pytest.raises(InputError, match="'a'"):
        default_data_collator([{"a": [1]}, {"a": [1, 2]}])
    with pytest.raises(InputError, match="labels of one shape"):
        default_data_collator([{"label": 1}, {"label": "x"}])
    for collator in (DataCollatorForTokenClassification(tokenizer), DataCollatorForLanguageModeling(tokenizer)):
        with pytest.raises(InputError, match="at least one"):
            collator([])
        with pytest.raises(InputError, match="example 0.*input_ids"):
            collator([{"x": [1]}])
    with pytest.raises(InputError, match="lists of ids"):
        DataCollatorForLanguageModeling(tokenizer)([3])
    with pytest.raises(InputError, match="seed"):
        DataCollatorForLanguageModeling(tokenizer, seed="x")  # type: ignore[arg-type]
    tokenizer.mask_token = None
    with pytest.raises(InputError, match="mlm=False"):
        DataCollatorForLanguageModeling(tokenizer)
    labels = DataCollatorForLanguageModeling(tokenizer, mlm=False, return_tensors="np")(rows(tokenizer))["labels"]
    assert labels[1].tolist()[-2:] == [-100, -100]


def test_examples_that_no_tokenizer_returns_are_named() -> None:
    with pytest.raises(InputError, match="features: expected what a tokenizer returns in example 0, found str 'a'"):
        DataCollatorWithPadding(None)(["a"])  # type: ignore[list-item]
