"""Operations on views: expanded, sliced, transposed and flipped tensors whose elements are not in row-major order."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from trustformers import Tensor
from trustformers.errors import UnsupportedError
from trustformers.tensor import enable_grad, grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled

REDUCTIONS = ["sum", "mean", "prod", "amax", "amin", "std", "var", "argmax", "cumsum", "softmax", "sort", "norm"]


def reduced(name: str, x: Any, dim: int) -> Any:
    found = getattr(x, name)(dim=dim)
    return found.values if name == "sort" else found


@given(data=st.data())
def test_reductions_of_views_equal_those_of_copies(data: Any) -> None:
    dtype = data.draw(st.sampled_from(["float32", "float64", "bfloat16", "float16", "int64", "int32"]))
    x = Tensor(np.arange(60).reshape(3, 4, 5) % 7).to(dtype)
    for _ in range(data.draw(st.integers(1, 4))):
        step = data.draw(st.sampled_from(["permute", "slice", "expand", "flip", "index", "unsqueeze"]))
        dim = data.draw(st.integers(0, x.ndim - 1))
        if step == "permute":
            x = x.permute(*data.draw(st.permutations(range(x.ndim))))
        elif step == "slice":
            at: list[Any] = [slice(None)] * x.ndim
            at[dim] = slice(data.draw(st.integers(0, x.shape[dim] - 1)), None, data.draw(st.integers(1, 2)))
            x = x[tuple(at)]
        elif step == "expand" and x.shape[dim] == 1:
            x = x.expand(*(3 if at == dim else size for at, size in enumerate(x.shape)))
        elif step == "flip":
            x = x.flip(dim)
        elif step == "index" and x.ndim > 1:
            x = x[(slice(None),) * dim + (0,)]
        elif x.ndim < 5:
            x = x.unsqueeze(dim)
    copy = Tensor(x.double().tolist(), dtype="float64").to(dtype)
    dim = data.draw(st.integers(0, x.ndim - 1))
    for name in REDUCTIONS:
        if name in {"mean", "std", "var", "softmax", "norm"} and not x.is_floating_point():
            continue
        found, expected = reduced(name, x, dim), reduced(name, copy, dim)
        np.testing.assert_allclose(found.double().numpy(), expected.double().numpy(), rtol=2e-3, equal_nan=True)
    for name in ("sum", "amax", "amin"):
        found, expected = getattr(x, name)(), getattr(copy, name)()
        np.testing.assert_allclose(found.double().numpy(), expected.double().numpy(), rtol=1e-3)


def test_rows_of_a_transposed_slice_are_summed() -> None:
    x = Tensor(np.arange(12, dtype=np.float32).reshape(4, 3))
    assert x.T[:2].sum(0).tolist() == [1.0, 7.0, 13.0, 19.0]
    assert x[:, 1:].T.mean(0).tolist() == [1.5, 4.5, 7.5, 10.5]
    assert x[:1, :1].expand(6, 1).sum().item() == 0.0
    assert Tensor([1.0, 2.0, 3.0]).unsqueeze(1).expand(3, 3).sum(0).tolist() == [6.0, 6.0, 6.0]


def test_a_bias_has_the_gradient_of_its_rows() -> None:
    bias = Tensor([0.0, 0.0, 0.0], requires_grad=True)
    hidden = (Tensor(np.ones((4, 3), np.float32)) + bias).sum(1)
    (hidden * hidden).sum().backward()
    assert bias.grad is not None and bias.grad.tolist() == [24.0, 24.0, 24.0]


def test_grad_modes_decorate_functions_and_generators() -> None:
    @no_grad()
    def function() -> bool:
        return is_grad_enabled()

    bare: Any = no_grad
    bare_inference: Any = inference_mode

    plain = bare(is_grad_enabled)

    inferred = bare_inference(is_grad_enabled)

    @set_grad_enabled(False)
    def disabled() -> bool:
        return is_grad_enabled()

    @no_grad()
    def generator() -> Any:
        yield is_grad_enabled()
        yield is_grad_enabled()
        return "end"

    assert [function(), plain(), inferred(), disabled()] == [False] * 4
    assert is_grad_enabled()
    values = generator()
    assert [next(values), is_grad_enabled(), next(values), is_grad_enabled()] == [False, True, False, True]
    with pytest.raises(StopIteration, match="end"):
        next(values)

    outer: Any = no_grad()

    both = outer(enable_grad()(is_grad_enabled))

    assert both() and is_grad_enabled()


def test_second_gradients_through_a_model_are_refused() -> None:
    from pathlib import Path

    import trustformers

    model: Any = trustformers.AutoModel.from_pretrained(Path(__file__).parent.parent / "goldens/encoders/bert")
    vectors = Tensor(np.ones((1, 3, 40), np.float32), requires_grad=True)
    total = model(inputs_embeds=vectors).last_hidden_state.mean()
    with pytest.raises(UnsupportedError, match="gradients of gradients through a model"):
        grad(total, vectors, create_graph=True)


def test_python_floats_are_float64_as_a_dtype() -> None:
    assert Tensor([1, 2]).to(float).dtype == Tensor([1], dtype=float).dtype == "float64"
