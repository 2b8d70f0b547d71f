"""Results of tensors without gradients beside torch's. `make parity` runs it; torch is not in CI."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import trustformers.tensor as T
import trustformers.tensor.functional as OWN_F
from trustformers import Tensor

INTEGERS = ["int8", "uint8", "int16", "int32", "int64"]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("count", [0, 1, 7, 8, 31, 63, 64, 100, -1])
def test_shifts_are_those_of_torch(dtype: str, count: int) -> None:
    if dtype == "uint8" and count < 0:
        pytest.skip("no negative uint8")
    x = np.array([1, 3, np.iinfo(dtype).max, np.iinfo(dtype).min], dtype)
    for shift in ("__lshift__", "__rshift__"):
        expected = getattr(torch.tensor(x), shift)(count).tolist()
        assert getattr(Tensor(x), shift)(count).tolist() == expected


@pytest.mark.parametrize("dtype", [*INTEGERS, "float32", "bool"])
def test_distinct_elements_are_those_of_torch(dtype: str) -> None:
    x = np.random.default_rng(0).integers(0, 5, (4, 5)).astype(dtype)
    found = Tensor(x).unique(return_inverse=True, return_counts=True)
    expected = torch.unique(torch.tensor(x), return_inverse=True, return_counts=True)
    for one, other in zip(found, expected, strict=True):
        assert one.tolist() == other.tolist()


@pytest.mark.parametrize("name", ["median", "cummax", "cummin"])
def test_indices_are_those_of_torch(name: str) -> None:
    x = np.array([[3.0, np.nan, 1.0, 4.0], [2.0, 2.0, 1.0, 1.0], [5.0, 1.0, 9.0, 7.0]])
    found, expected = getattr(Tensor(x), name)(1), getattr(torch.tensor(x), name)(1)
    np.testing.assert_array_equal(found.values.numpy(), expected.values.numpy())
    if name != "median":
        assert found.indices.tolist() == expected.indices.tolist()


def test_logarithms_and_exponentials_of_special_elements_are_those_of_torch() -> None:
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-30, -1e-30, 8.0, 1000.0], np.float32)
    for name in ("log2", "log10", "exp2", "expm1", "nan_to_num", "frac"):
        np.testing.assert_allclose(
            getattr(Tensor(x), name)().numpy(), getattr(torch.tensor(x), name)().numpy(), rtol=1e-6, err_msg=name
        )


def test_padding_indices_have_no_gradient_in_both() -> None:
    weight = np.random.default_rng(0).normal(size=(4, 3))
    own, other = Tensor(weight.copy(), requires_grad=True), torch.tensor(weight, requires_grad=True)
    OWN_F.embedding(Tensor([[0, 1], [1, 3]]), own, padding_idx=-1).sum().backward()
    torch.nn.functional.embedding(torch.tensor([[0, 1], [1, 3]]), other, padding_idx=-1).sum().backward()
    grads: Any = own.grad, other.grad
    assert grads[0].tolist() == grads[1].tolist()


def test_shapes_and_strides_are_those_of_torch() -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    own, other = Tensor(x), torch.tensor(x)
    for view in (lambda t: t, lambda t: t.transpose(0, 2), lambda t: t[:, ::2], lambda t: t.diagonal(0, 1, 2)):
        assert tuple(view(own).shape) == tuple(view(other).shape) and view(own).stride() == view(other).stride()
    assert own.shape.numel() == other.shape.numel() and int(T.count_nonzero(own)) == int(torch.count_nonzero(other))
