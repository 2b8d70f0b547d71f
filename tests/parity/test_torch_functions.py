"""torch's functions and operators on tensors of trustformers."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from trustformers import Tensor
from trustformers.errors import InputError

X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
Y = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)


@pytest.mark.parametrize(
    "call",
    [
        lambda x, y: torch.cat([x, y]),
        lambda x, y: torch.cat([y, x], dim=1),
        lambda x, y: torch.stack((x, x)),
        lambda x, y: torch.softmax(x, dim=-1),
        lambda x, y: F.softmax(x, dim=-1),
        lambda x, y: F.cosine_similarity(x, y),
        lambda x, y: F.normalize(x, p=2, dim=1),
        lambda x, y: torch.argmax(x, dim=-1),
        lambda x, y: torch.topk(x, 2).values,
        lambda x, y: torch.topk(x, k=2).indices,
        lambda x, y: torch.max(x, 1)[0],
        lambda x, y: torch.where(x > 0, x, y),
        lambda x, y: torch.einsum("ij,kj->ik", x, y),
        lambda x, y: torch.nn.functional.cross_entropy(x, torch.tensor([0, 1, 2])),
        lambda x, y: torch.sum(x * y, dim=0),
        lambda x, y: torch.matmul(x, y.T),
        lambda x, y: torch.exp(x),
        lambda x, y: torch.mean(input=x),
        lambda x, y: torch.clamp(x, min=0.1),
        lambda x, y: torch.ones_like(x),
    ],
)
def test_functions_give_what_they_give_for_tensors_of_torch(call: Any) -> None:
    found = call(Tensor(X), torch.tensor(Y))
    expected = call(torch.tensor(X), torch.tensor(Y))
    assert type(found) is torch.Tensor and found.dtype == expected.dtype
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    "apply", ["add", "sub", "mul", "truediv", "pow", "eq", "ne", "lt", "ge", "floordiv", "mod", "iadd"]
)
def test_operators_between_both_give_tensors_of_torch(apply: str) -> None:
    own, function = Tensor(np.abs(X)), getattr(operator, apply)
    first, second = torch.tensor(np.abs(X)), torch.tensor(np.abs(Y))
    for found, expected in (
        (function(own, second), function(first.clone(), second)),
        (function(second.clone(), own), function(second.clone(), first)),
    ):
        assert type(found) is torch.Tensor
        torch.testing.assert_close(found, expected)
    np.testing.assert_array_equal(own.numpy(), np.abs(X))


def test_matrices_of_both_are_multiplied() -> None:
    expected = torch.tensor(X @ Y.T)
    torch.testing.assert_close(Tensor(X) @ torch.tensor(Y.T.copy()), expected)
    torch.testing.assert_close(torch.tensor(X) @ Tensor(Y).T, expected)
    layer = torch.nn.Linear(4, 2)
    torch.testing.assert_close(layer(Tensor(X)), layer(torch.tensor(X)))


def test_memory_is_shared() -> None:
    own = Tensor(X.copy())
    view = torch.reshape(own, (4, 3))
    assert view.data_ptr() == own.to_torch().data_ptr()


def test_gradients_continue_across_the_border() -> None:
    own, other = Tensor(X, requires_grad=True), torch.tensor(Y, requires_grad=True)
    theirs, same = torch.tensor(X, requires_grad=True), torch.tensor(Y, requires_grad=True)
    for x, y in ((own.tanh(), other), (theirs.tanh(), same)):
        total = torch.cat([torch.softmax(x, -1) * y, x + y, y * x]).square().sum()
        total.backward()
    assert own.grad is not None
    np.testing.assert_allclose(own.grad.numpy(), theirs.grad.numpy(), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(other.grad, same.grad)


def test_results_are_not_written_to_tensors() -> None:
    own = Tensor(X)
    with pytest.raises(InputError, match="out: a Tensor of trustformers"):
        torch.add(torch.tensor(X), torch.tensor(Y), out=own)


def test_half_precision_and_integers_cross() -> None:
    assert torch.exp(Tensor([1.0], dtype="bfloat16")).dtype == torch.bfloat16
    assert torch.cumsum(Tensor([1, 2]), 0).tolist() == [1, 3]
    assert torch.tensor([5, 6, 7]).index_select(0, Tensor([2])).tolist() == [7]
