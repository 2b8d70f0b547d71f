"""Data loaders, columns and gathered outputs beside torch's and transformers'. `make parity` runs it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from transformers.trainer_pt_utils import LabelSmoother, LengthGroupedSampler, nested_concat
from transformers.utils.generic import find_labels
from trustformers.runtime.generators import Generator
from trustformers.training import columns, dataloader, evaluation, samplers

STUBS = Path(trustformers.__file__).parent / "models" / "families.pyi"
CLASSES = [node.name for node in ast.parse(STUBS.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)]
# Falcon's classifiers and one of GPT-NeoX and ModernBERT differ from the other heads of their families.
OTHERS = {
    "FalconForSequenceClassification",
    "FalconForTokenClassification",
    "GPTNeoXForTokenClassification",
    "ModernBertForQuestionAnswering",
}


@pytest.mark.parametrize("seed", [0, 1, 42, 2**31 + 5, 2**32 - 1, 2**40 + 9, -7])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 623, 624, 625, 5000, 2**20 + 3])
def test_generators_give_the_numbers_of_torch(n: int, seed: int) -> None:
    theirs, ours = torch.Generator(), Generator()
    theirs.manual_seed(seed)
    ours.manual_seed(seed)
    for _ in range(2):
        assert list(ours.randperm(n)) == torch.randperm(n, generator=theirs).tolist()
        for high in (5, 2**28 - 1, 2**28, 2**40):
            assert ours.randint(high, 33) == torch.randint(high, (33,), generator=theirs).tolist()
        assert ours.random64() % 2**63 == torch.empty((), dtype=torch.int64).random_(generator=theirs).item()


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("drop_last", [False, True])
def test_shuffled_loaders_have_the_order_of_torch(workers: int, drop_last: bool) -> None:
    torch.manual_seed(6)
    trustformers.set_seed(6)
    options = {"batch_size": 3, "shuffle": True, "drop_last": drop_last}
    theirs = torch.utils.data.DataLoader(list(range(20)), collate_fn=list, **options)
    ours = dataloader.DataLoader(list(range(20)), collate_fn=list, num_workers=workers, **options)
    for _ in range(3):
        assert list(ours) == list(theirs)
    assert len(ours) == len(theirs)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("num_samples", [None, 5, 20, 47])
def test_random_samplers_leave_a_generator_where_torch_does(replacement: bool, num_samples: int | None) -> None:
    theirs, ours = torch.Generator().manual_seed(3), Generator().manual_seed(3)
    reference = torch.utils.data.RandomSampler(range(20), replacement, num_samples, theirs)
    sampler = samplers.RandomSampler(range(20), replacement, num_samples, ours)
    for _ in range(2):
        assert list(sampler) == list(reference)


@pytest.mark.parametrize("count", [1, 3, 16, 33, 500])
@pytest.mark.parametrize("batch_size", [1, 4, 8])
def test_grouped_lengths_have_the_order_of_transformers(count: int, batch_size: int) -> None:
    lengths = np.random.default_rng(count).integers(1, 9, count).tolist()
    theirs = LengthGroupedSampler(batch_size, lengths=lengths, generator=torch.Generator().manual_seed(1))
    ours = samplers.LengthGroupedSampler(batch_size, lengths=lengths, generator=Generator().manual_seed(1))
    for _ in range(2):
        assert list(ours) == list(theirs)


@pytest.mark.parametrize("name", CLASSES)
def test_models_take_the_columns_of_transformers(name: str) -> None:
    reference, ours = getattr(transformers, name, None), getattr(trustformers, name)
    if reference is None or not hasattr(reference, "forward") or ours.config_class is None or name in OTHERS:
        pytest.skip("the reference has no such model, or its heads differ")
    model = object.__new__(ours)
    vars(model)["config"] = SimpleNamespace(model_type=ours.config_class.model_type)
    taken = set(columns.signature_columns(model)) - {"label", "label_ids"}
    given = set(inspect.signature(reference.forward).parameters)
    known = {*taken, "token_type_ids", "position_ids", "inputs_embeds", "labels"}
    known |= {"decoder_input_ids", "decoder_attention_mask", "decoder_inputs_embeds"}
    assert taken == given & known
    assert columns.label_names_of(model) == [label for label in find_labels(reference) if label in known]


def test_rows_of_data_sets_are_batched_as_torch_does() -> None:
    datasets = pytest.importorskip("datasets")
    table = datasets.Dataset.from_dict(
        {"input_ids": [[1, index] for index in range(7)], "label": list(range(7)), "text": ["a"] * 7}
    )
    model = trustformers.AutoModelForSequenceClassification.from_pretrained(
        Path(__file__).parents[1] / "goldens" / "encoders" / "bert"
    )
    kept = columns.remove_unused_columns(table, columns.signature_columns(model), model)
    assert kept.column_names == ["input_ids", "label"]
    theirs = torch.utils.data.DataLoader(kept, 3, collate_fn=transformers.default_data_collator)
    for workers in (0, 2):
        ours = dataloader.DataLoader(kept, 3, num_workers=workers)
        for mine, other in zip(ours, theirs, strict=True):
            assert {key: np.asarray(value).tolist() for key, value in mine.items()} == {
                key: value.tolist() for key, value in other.items()
            }
    streamed = kept.to_iterable_dataset()
    assert dataloader.is_iterable(streamed)
    loader = dataloader.DataLoader(streamed, 3, collate_fn=lambda rows: [row["label"] for row in rows])
    assert list(loader) == [[0, 1, 2], [3, 4, 5], [6]]


def test_torch_data_sets_are_read() -> None:
    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self) -> Any:
            return iter(range(5))

    assert list(dataloader.DataLoader(Stream(), 2, collate_fn=list)) == [[0, 1], [2, 3], [4]]
    subset = torch.utils.data.Subset(list(range(10)), [3, 1, 4])
    assert list(dataloader.DataLoader(subset, 2, collate_fn=list)) == [[3, 1], [4]]
    theirs = torch.utils.data.RandomSampler(range(9))
    assert list(samplers.seedable(theirs, 5)) == torch.randperm(9, generator=torch.Generator().manual_seed(5)).tolist()


@pytest.mark.parametrize("shapes", [[(2, 3), (1, 5)], [(2,), (3,)], [(2, 3, 4), (2, 1, 4)], [(), (2,)]])
def test_gathered_outputs_are_those_of_transformers(shapes: list[tuple[int, ...]]) -> None:
    arrays = [np.random.default_rng(0).normal(size=shape).astype(np.float32) for shape in shapes]
    expected = nested_concat(*({"a": (torch.tensor(array),)} for array in arrays))["a"][0].numpy()
    for convert in (np.asarray, torch.tensor, trustformers.Tensor.from_numpy):
        joined = evaluation.nested_concat(*({"a": (convert(array),)} for array in arrays))["a"][0]
        np.testing.assert_array_equal(np.asarray(joined), expected)


@pytest.mark.parametrize("shifts", [False, True])
@pytest.mark.parametrize("items", [None, 9])
@pytest.mark.parametrize("epsilon", [0.1, 0.7])
def test_smoothed_losses_are_those_of_transformers(shifts: bool, items: int | None, epsilon: float) -> None:
    random = np.random.default_rng(1)
    logits, labels = random.normal(size=(3, 6, 11)).astype(np.float32), random.integers(0, 11, (3, 6))
    labels[1, 2:] = -100
    given = torch.tensor(logits, requires_grad=True)
    expected = LabelSmoother(epsilon)({"logits": given}, torch.tensor(labels), shifts, items)
    expected.backward()
    ours = trustformers.Tensor.from_numpy(logits).requires_grad_(True)
    loss = evaluation.LabelSmoother(epsilon)({"logits": ours}, trustformers.Tensor.from_numpy(labels), shifts, items)
    loss.backward()
    # Sums of 200 terms in float32.
    assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
    np.testing.assert_allclose(ours.grad.numpy(), given.grad.numpy(), rtol=1e-5, atol=1e-8)
