"""Outputs of evaluations are gathered as transformers gathers them."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from trustformers import Tensor
from trustformers.errors import InputError
from trustformers.training.evaluation import (
    EvalLoopContainer,
    LabelSmoother,
    atleast_1d,
    denumpify_detensorize,
    expand_like,
    find_batch_size,
    nested_concat,
    nested_detach,
    nested_new_like,
    nested_numpify,
    nested_truncate,
    numpy_pad_and_concatenate,
)


class Pair(NamedTuple):
    first: Any
    second: Any


def tensor(values: Any, dtype: Any = np.float32) -> Tensor:
    return Tensor.from_numpy(np.array(values, dtype))


def test_rows_are_padded_at_their_second_dimension() -> None:
    joined = numpy_pad_and_concatenate(np.ones((1, 2, 2)), np.zeros((2, 1, 2)))
    assert joined.tolist() == [[[1, 1], [1, 1]], [[0, 0], [-100, -100]], [[0, 0], [-100, -100]]]
    assert numpy_pad_and_concatenate(np.array(1), np.array([2, 3])).tolist() == [1, 2, 3]
    assert expand_like(np.ones((1, 1), np.int64), 3).tolist() == [[1, -100, -100]]


def test_tensors_are_joined_as_arrays_are() -> None:
    joined = nested_concat(tensor([[1, 2]]), tensor([[3]]), padding_index=0)
    assert isinstance(joined, Tensor)
    assert joined.tolist() == [[1, 2], [3, 0]]
    assert nested_concat(tensor([1]), tensor([2, 3])).tolist() == [1, 2, 3]


def test_nested_outputs_keep_their_types() -> None:
    one = Pair(np.array([1]), {"a": [np.array([[1]])]})
    two = Pair(np.array([2]), {"a": [np.array([[2, 3]])]})
    joined = nested_concat(one, two)
    assert isinstance(joined, Pair)
    assert joined.first.tolist() == [1, 2]
    assert joined.second["a"][0].tolist() == [[1, -100], [2, 3]]
    assert nested_truncate(joined, 1).second["a"][0].tolist() == [[1, -100]]
    assert nested_new_like(joined, 3).first.tolist() == [-100, -100, -100]
    with pytest.raises(InputError, match="ndarray, tuple"):
        nested_concat((one.first,), one.first)
    with pytest.raises(InputError, match="tensors or arrays, found str"):
        nested_concat("a", "b")


def test_outputs_become_arrays_without_gradients() -> None:
    weight = tensor([1.0, 2.0]).requires_grad_(True)
    detached = nested_detach((weight * 2,))
    assert not detached[0].requires_grad
    arrays = nested_numpify({"x": weight.detach(), "half": weight.detach().to("bfloat16")})
    assert arrays["x"].tolist() == [1, 2]
    assert arrays["half"].dtype == np.float32


def test_a_batch_size_is_the_first_dimension_of_the_first_tensor() -> None:
    assert find_batch_size({"n": 3, "x": [tensor(1.0), np.zeros((4, 2))]}) == 4
    assert find_batch_size([1, "a"]) is None
    assert atleast_1d(tensor(2.0)).tolist() == [2]
    assert atleast_1d(np.float32(2)).tolist() == [2]


@pytest.mark.parametrize("accumulation", [None, 1, 2])
def test_batches_are_gathered_as_one_array(accumulation: int | None) -> None:
    batches = [tensor(np.full((2, width), width)) for width in (1, 3, 2)]
    container = EvalLoopContainer()
    assert container.get_arrays() is None
    for step, batch in enumerate(batches, 1):
        container.add(batch)
        if accumulation and step % accumulation == 0:
            container.to_cpu_and_numpy()
    expected = nested_concat(nested_concat(*map(nested_numpify, batches[:2])), batches[2].numpy())
    gathered = container.get_arrays()
    assert isinstance(gathered, np.ndarray)
    assert gathered.tolist() == expected.tolist()
    assert container.get_arrays() is gathered


def test_batches_stay_a_list_on_request() -> None:
    container = EvalLoopContainer(do_nested_concat=False)
    container.add((tensor([1.0]), tensor([[2.0]])))
    container.add((tensor([3.0]), tensor([[4.0, 5.0]])))
    assert [[one.tolist() for one in batch] for batch in container.get_arrays()] == [
        [[1.0], [[2.0]]],
        [[3.0], [[4.0, 5.0]]],
    ]


def test_metrics_become_numbers_of_python() -> None:
    found = denumpify_detensorize({"a": np.float32(0.5), "b": [tensor(2.0)], "c": "x", "d": np.array([1, 2])})
    assert found["a"] == 0.5
    assert type(found["a"]) is float
    assert found["b"] == [2.0]
    assert found["c"] == "x"
    assert found["d"].tolist() == [1, 2]


def smoothed(logits: Any, labels: Any, epsilon: float, items: float | None = None) -> float:
    """The definition in NumPy, in float64."""
    losses = -(logits - np.log(np.exp(logits).sum(-1, keepdims=True)))
    kept = labels != -100
    count = kept.sum() if items is None else items
    picked = np.take_along_axis(losses, np.maximum(labels, 0)[..., None], -1)[..., 0][kept].sum() / count
    spread = losses.sum(-1)[kept].sum() / (count * logits.shape[-1])
    return float((1 - epsilon) * picked + epsilon * spread)


@pytest.mark.parametrize("shifts", [False, True])
@pytest.mark.parametrize("items", [None, 12])
def test_label_smoothing_shares_probability_among_classes(shifts: bool, items: int | None) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(size=(2, 5, 7))
    labels = random.integers(0, 7, (2, 5))
    labels[0, 3:] = -100
    given = tensor(logits).requires_grad_(True)
    loss = LabelSmoother(0.2)({"logits": given}, tensor(labels, np.int64), shifts, items)
    kept = (logits[:, :-1], labels[:, 1:]) if shifts else (logits, labels)
    assert loss.item() == pytest.approx(smoothed(*kept, 0.2, items), rel=1e-5)
    loss.backward()
    assert given.grad is not None
    assert np.all(given.grad.numpy()[0, 4] == 0)
