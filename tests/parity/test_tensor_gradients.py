"""Gradients of every differentiable operation beside torch's. `make parity` runs it; torch is not in CI."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
import torch
import trustformers.tensor as T
import trustformers.tensor.functional as OWN_F
from trustformers import Tensor

rng = np.random.default_rng(0)


def arr(*shape: int, lo: float = -1.5, hi: float = 1.5, dt: Any = np.float64) -> Any:
    return np.asarray(rng.random(shape) * (hi - lo) + lo, dtype=dt)


CASES: list[Any] = []


def check(name: str, ours: Any, theirs: Any, *arrays: Any, tol: float = 1e-10) -> None:
    CASES.append(pytest.param(ours, theirs, arrays, tol, id=name))


# Zeros of both signs and equal elements, where functions have kinks.
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 0.5, -0.5])
TIES = np.array([[1.0, 2, 2], [3, 3, 3], [0, 0, 1]])
X = arr(2, 3, 4)
F = torch.nn.functional


def same(name: str, function: Any, *arrays: Any, tol: float = 1e-10) -> None:
    """A case whose function has one spelling in both libraries."""
    check(name, function, function, *arrays, tol=tol)


def method(name: str, *args: Any, **kwargs: Any) -> Any:
    return lambda x: getattr(x, name)(*args, **kwargs)


for name in ("neg", "abs", "exp", "reciprocal", "sin", "cos", "tan", "sinh", "cosh", "tanh", "atan", "asinh"):
    same(name, method(name), arr(3, 4))
    same(f"{name} special", method(name), SPECIAL)
for name in ("sigmoid", "relu", "floor", "ceil", "round", "trunc", "sign"):
    same(name, method(name), arr(3, 4))
    same(f"{name} special", method(name), SPECIAL)
for name in ("sqrt", "log", "log1p"):
    same(name, method(name), arr(3, 4, lo=0.1, hi=2))
    same(f"{name} special", method(name), SPECIAL)
for name in ("asin", "acos", "atanh"):
    same(name, method(name), arr(3, 4, lo=-0.9, hi=0.9))
same("acosh", method("acosh"), arr(5, lo=1.1, hi=3))
check("gelu", lambda x: x.gelu(), F.gelu, X, tol=1e-7)
check("silu", lambda x: x.silu(), F.silu, X)

for name in ("add", "sub", "mul", "truediv", "pow", "mod"):
    operation = getattr(operator, name)
    low = 0.2 if name == "pow" else -2
    for shapes in (((3, 4), (3, 4)), ((3, 1), (4,)), ((), (2, 3)), ((2, 3, 4), (3, 1))):
        same(f"{name} {shapes}", operation, *(arr(*shape, lo=low, hi=2) for shape in shapes))
    same(f"{name} a number", lambda x, operation=operation: operation(x, 2.5), arr(4, lo=low))
    if name != "mod":
        same(f"a number {name}", lambda x, operation=operation: operation(2.5, x), arr(4, lo=low))
for exponent in (0, 1, 2, 3, 0.5, -1, -2, 1.5):
    same(f"pow {exponent}", lambda x, exponent=exponent: x**exponent, arr(4, lo=0.1))
    same(f"pow {exponent} special", lambda x, exponent=exponent: x**exponent, SPECIAL)
same("pow special", operator.pow, SPECIAL[:, None], SPECIAL[None])
for name in ("atan2", "maximum", "minimum"):
    same(name, lambda x, y, name=name: getattr(x, name)(y), SPECIAL, np.roll(SPECIAL, 1) + 0.25 * (name == "atan2"))
for bounds in ({"min": -0.5, "max": 0.5}, {"min": 0.5}, {"max": 0.5}):
    same(f"clamp {bounds}", method("clamp", **bounds), SPECIAL)
same("clamp to a tensor", lambda x, y: x.clamp(min=y), SPECIAL, np.roll(SPECIAL, 1))
check("where", lambda x, y: T.where(x > 0, x, y), lambda x, y: torch.where(x > 0, x, y), arr(3, 4), arr(4))

for name in ("sum", "mean", "prod", "amax", "amin", "var", "std"):
    same(name, method(name), X)
    for keepdim in (False, True):
        for dim in (0, -1) if name == "prod" else (0, -1, (0, 2)):
            same(f"{name} {dim} {keepdim}", method(name, dim=dim, keepdim=keepdim), X)
for name in ("amax", "amin", "std", "prod"):
    same(f"{name} of equal elements", method(name, dim=1), TIES)
for name in ("max", "min"):
    same(f"{name} of equal elements", method(name), TIES)
    same(f"{name} along a dimension", lambda x, name=name: getattr(x, name)(dim=1).values, TIES)
for name in ("cumsum", "cumprod"):
    same(name, method(name, 1), X)
    same(f"{name} with zeros", method(name, 1), TIES)
same("norm", method("norm"), X)
for order in (0, 1, 2, 3, float("inf"), -float("inf")):
    same(f"norm {order}", method("norm", order, dim=1), X)
    same(f"norm {order} of zeros", method("norm", order, dim=1), np.zeros((2, 3)))
same("sort", lambda x: x.sort(dim=1).values, X)
same("topk", lambda x: x.topk(2, dim=1).values, X)
for dim in (0, 1, -1):
    same(f"softmax {dim}", method("softmax", dim), X)
    same(f"log_softmax {dim}", method("log_softmax", dim), X)

for shapes in (((2, 3), (3, 4)), ((3,), (3,)), ((2, 2, 3), (3, 2)), ((2, 1, 2, 3), (3, 3, 2)), ((3,), (2, 3, 2))):
    same(f"matmul {shapes}", operator.matmul, *(arr(*shape) for shape in shapes))
EQUATION = "bij,kj->bk"
check("einsum", lambda *x: T.einsum(EQUATION, *x), lambda *x: torch.einsum(EQUATION, *x), X, arr(5, 4))
check(
    "layer_norm",
    lambda x, w, b: T.layer_norm(x, (4,), w, b),
    lambda x, w, b: F.layer_norm(x, (4,), w, b),
    X,
    arr(4),
    arr(4),
    tol=1e-8,
)
check("rms_norm", lambda x, w: T.rms_norm(x, (4,), w, 1e-6), lambda x, w: F.rms_norm(x, (4,), w, 1e-6), X, arr(4))
IDS = np.array([[5, 0], [5, 2]])
check("embedding", lambda w: T.embedding(Tensor(IDS), w), lambda w: F.embedding(torch.tensor(IDS), w), arr(6, 4))
CLASSES = np.array([2, -100, 0])
check(
    "cross_entropy",
    lambda x: T.cross_entropy(x, Tensor(CLASSES)),
    lambda x: F.cross_entropy(x, torch.tensor(CLASSES)),
    arr(3, 4),
)

same("integer", lambda x: x[1], X)
same("slices", lambda x: x[:, ::2, 1:3], X)
same("new dimension", lambda x: x[None, ..., 0], X)
same("negative integers", lambda x: x[-1, -2], X)
same("mask", lambda x: x[x > 0], X)
same("reshape", method("reshape", 6, 4), X)
same("view", method("view", -1), X)
same("permute", method("permute", 2, 0, 1), X)
same("transpose", method("transpose", 0, 2), X)
same("flip", method("flip", 0, 1), X)
same("squeeze", lambda x: x.unsqueeze(1).squeeze(1), X)
same("expand", lambda x: x.unsqueeze(0).expand(3, 2, 3, 4), X)
same("tile", method("tile", 2, 1), X)
same("repeat", method("repeat", 2, 1, 1, 2), X)
same("chunk", lambda x: x.chunk(2, dim=2)[1], X)
same("split", lambda x: x.split(2, dim=1)[0], X)
same("unbind", lambda x: x.unbind(1)[2], X)
same("flatten", method("flatten", 1), X)
same("clone", lambda x: x.clone() * 2, X)
same("contiguous", lambda x: x.transpose(0, 1).contiguous(), X)
same("float32 and back", lambda x: x.float().double(), X)
same("float16 and back", lambda x: x.half().double(), X)
same("detach", lambda x: x * x.detach(), X)
same("masked_fill", lambda x: x.masked_fill(x > 0, 2.0), X)
INDEX = np.array([0, 2, 0])
GATHERED = rng.integers(0, 3, (2, 2, 4))
check("index arrays", lambda x: x[:, Tensor(INDEX)], lambda x: x[:, torch.tensor(INDEX)], X)
check("index_select", lambda x: x.index_select(1, Tensor(INDEX)), lambda x: x.index_select(1, torch.tensor(INDEX)), X)
check("gather", lambda x: x.gather(1, Tensor(GATHERED)), lambda x: x.gather(1, torch.tensor(GATHERED)), X)
check("cat", lambda *x: T.cat(x, 1), lambda *x: torch.cat(x, 1), X, arr(2, 5, 4))
check("stack", lambda *x: T.stack(x, 1), lambda *x: torch.stack(x, 1), X, arr(2, 3, 4))


POSITIVE = arr(3, 4, lo=0.1, hi=3)
for name in ("exp2", "expm1", "square", "frac", "nan_to_num"):
    same(name, method(name), arr(3, 4))
    same(f"{name} special", method(name), SPECIAL)
for name in ("log2", "log10", "rsqrt"):
    same(name, method(name), POSITIVE)
same("round to decimals", method("round", decimals=1), X)
for mode in ("floor", "trunc"):
    same(f"div {mode}", lambda x, y, mode=mode: x.div(y, rounding_mode=mode), arr(3, 4), arr(4, lo=0.2))
same("fmod", lambda x, y: x.fmod(y), arr(3, 4), arr(4, lo=0.2))
same("add alpha", lambda x, y: x.add(y, alpha=0.5), arr(3, 4), arr(4))
same("sub alpha", lambda x, y: x.sub(y, alpha=0.5), arr(3, 4), arr(4))
same("lerp", lambda x, y: x.lerp(y, 0.3), arr(3, 4), arr(3, 4))
same("lerp to a tensor", lambda x, y, w: x.lerp(y, w), arr(3, 4), arr(3, 4), arr(3, 4))
same("addcmul", lambda x, y, z: x.addcmul(y, z, value=0.5), arr(3, 4), arr(3, 4), arr(4))
same("addcdiv", lambda x, y, z: x.addcdiv(y, z, value=0.5), arr(3, 4), arr(3, 4), arr(4, lo=0.3))
same("addmm", lambda x, y, z: x.addmm(y, z, beta=0.5, alpha=2), arr(2), arr(3, 4), arr(4, 2))
same("addmm without beta", lambda x, y, z: x.addmm(y, z, beta=0), arr(2), arr(3, 4), arr(4, 2))
same("baddbmm", lambda x, y, z: x.baddbmm(y, z), arr(2, 3, 2), arr(2, 3, 4), arr(2, 4, 2))
same("bmm", lambda x, y: x.bmm(y), arr(2, 3, 4), arr(2, 4, 2))
same("outer", lambda x, y: x.outer(y), arr(3), arr(4))
for name in ("triu", "tril"):
    for diagonal in (0, 1, -2):
        same(f"{name} {diagonal}", method(name, diagonal), X)
for arguments in ((0,), (1, 0, 2), (-1, 2, 1), (9, 0, 1)):
    same(f"diagonal {arguments}", method("diagonal", *arguments), X)
for offset in (0, 1, -2):
    same(f"diag {offset}", method("diag", offset), arr(4))
    same(f"diag of a matrix {offset}", method("diag", offset), arr(3, 4))
    same(f"diag_embed {offset}", method("diag_embed", offset), arr(2, 3))
same("roll", method("roll", (1, -2), (0, 2)), X)
same("roll flat", method("roll", 5), X)
same("movedim", method("movedim", (0, 1), (2, 0)), X)
same("narrow", method("narrow", 1, 1, 2), X)
same("select", method("select", 1, -1), X)
same("unflatten", method("unflatten", 2, (2, -1)), X)
same("repeat_interleave", method("repeat_interleave", 2, 1), X)
same("logsumexp", method("logsumexp", 1), X)
same("logsumexp over two", method("logsumexp", (0, 2), keepdim=True), X)
same("median", method("median"), X)
same("median along a dimension", lambda x: x.median(1).values, X)
for mode in ("linear", "lower", "higher", "midpoint", "nearest"):
    same(f"quantile {mode}", method("quantile", 0.3, 1, interpolation=mode), X)
same("quantile of all", method("quantile", 0.6), arr(3, 4))
for name in ("cummax", "cummin"):
    same(name, lambda x, name=name: getattr(x, name)(1).values, X)
    same(f"{name} of equal elements", lambda x, name=name: getattr(x, name)(1).values, TIES)
same("var unbiased", method("var", 1, False), X)
same("std unbiased", method("std", unbiased=False), X)
same("unfold", method("unfold", 2, 2, 1), X)
same("nansum", method("nansum", 1), X)
same("nanmean", method("nanmean", 1), X)
PUT = np.array([0, 2, 0])
check(
    "index_put",
    lambda x, y: x.index_put((Tensor(PUT),), y, accumulate=True),
    lambda x, y: x.index_put((torch.tensor(PUT),), y, accumulate=True),
    arr(3, 4),
    arr(3, 4),
)
SCATTERED = np.array([[[2, 0, 1, 2], [0, 0, 2, 2]]])
UNIQUE = np.array([[[2, 0, 1, 2], [0, 1, 2, 0]]])
SLICES = np.array([2, 0, 2])


def indexed(name: str, dim: int, index: Any) -> tuple[Any, Any]:
    def ours(x: Any, *rest: Any) -> Any:
        return getattr(x, name)(dim, Tensor(index), *rest)

    def theirs(x: Any, *rest: Any) -> Any:
        return getattr(x, name)(dim, torch.tensor(index), *rest)

    return ours, theirs


check("scatter_add", *indexed("scatter_add", 1, SCATTERED), X, arr(1, 2, 4))
check("scatter_add of a part", *indexed("scatter_add", 1, SCATTERED[:, :1, :2]), X, arr(1, 1, 2))
check("scatter", *indexed("scatter", 1, UNIQUE), X, arr(1, 2, 4))
check("index_add", *indexed("index_add", 1, SLICES), X, arr(2, 3, 4))
check("index_copy", *indexed("index_copy", 1, SLICES[:2]), X, X[:, :2])
check(
    "index_fill",
    lambda x: x.index_fill(1, Tensor(SLICES), 0.5),
    lambda x: x.index_fill(1, torch.tensor(SLICES), 0.5),
    X,
)
for equation in ("iij->ij", "iij->j"):
    both = (lambda x, e=equation: T.einsum(e, x), lambda x, e=equation: torch.einsum(e, x))
    check(f"einsum {equation}", *both, arr(3, 3, 2))
check(
    "einsum of three",
    lambda *x: T.einsum("ij,jk,kl->il", *x),
    lambda *x: torch.einsum("ij,jk,kl->il", *x),
    arr(2, 3),
    arr(3, 4),
    arr(4, 2),
)


def functional(name: str, *arrays: Any, label: str = "", tol: float = 1e-10, **kwargs: Any) -> None:
    """A case of a function of torch.nn.functional; integer arrays are not differentiated."""
    own, other = getattr(OWN_F, name), getattr(F, name)
    check(f"{name} {label}", lambda *x: own(*x, **kwargs), lambda *x: other(*x, **kwargs), *arrays, tol=tol)


PROBABILITIES = arr(3, 4, lo=0.05, hi=0.95)
for name in ("relu", "silu", "leaky_relu", "elu", "softplus", "logsigmoid", "mish"):
    functional(name, X)
for name in ("mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"):
    for reduction in ("mean", "sum", "none"):
        functional(name, arr(3, 4), arr(3, 4), label=reduction, reduction=reduction)
functional("kl_div", arr(3, 4), PROBABILITIES, reduction="batchmean")
functional("binary_cross_entropy", PROBABILITIES, arr(3, 4, lo=0, hi=1))
functional("binary_cross_entropy_with_logits", arr(3, 4), PROBABILITIES)
functional("cosine_similarity", X, arr(2, 3, 4), dim=2)
functional("normalize", X, dim=2)
functional("linear", X, arr(5, 4), arr(5))
functional("pad", arr(3, 4), pad=(1, 2, -1, 1), value=0.5)
functional("layer_norm", X, normalized_shape=(4,), tol=1e-8)
WEIGHTS = arr(4, lo=0.1)
for reduction in ("mean", "sum", "none"):
    for smoothing in (0.0, 0.2):
        options: Any = {"reduction": reduction, "label_smoothing": smoothing}
        label = f"{reduction} {smoothing}"
        functional("cross_entropy", arr(3, 4), CLASSES, label=label, **options)
        check(
            f"cross_entropy weights {label}",
            lambda x, options=options: OWN_F.cross_entropy(x, Tensor(CLASSES), Tensor(WEIGHTS), **options),
            lambda x, options=options: F.cross_entropy(x, torch.tensor(CLASSES), torch.tensor(WEIGHTS), **options),
            arr(3, 4),
        )
        functional("cross_entropy", arr(3, 4), PROBABILITIES, label=f"probabilities {label}", **options)
        functional("cross_entropy", arr(2, 4, 3), rng.integers(0, 4, (2, 3)), label=f"deep {label}", **options)
functional("nll_loss", arr(3, 4), CLASSES)
QUERY, KEY, VALUE = arr(2, 4, 3, 8), arr(2, 4, 5, 8), arr(2, 4, 5, 8)
ATTEND = "scaled_dot_product_attention"
functional(ATTEND, QUERY, KEY, VALUE)
functional(ATTEND, QUERY, KEY, VALUE, label="causal", is_causal=True)
functional(ATTEND, QUERY, KEY, VALUE, rng.random((3, 5)) > 0.4, label="mask")
functional(ATTEND, QUERY, KEY, VALUE, arr(3, 5), label="bias", scale=0.3)


def assigned(x: Any, y: Any) -> Any:
    z = x * 1
    z[:, 1] = y
    z[0] += 1
    return z


def in_place(x: Any, y: Any) -> Any:
    z = x * 1
    z += y
    z.mul_(y).add_(x, alpha=3).clamp_(-1, 1)
    z /= 3
    return z


same("assignment", assigned, X, arr(4))
same("operations in place", in_place, X, arr(4))
same("float32 with float64", lambda x, y: (x.float() * y).sum(), X, arr(4, dt=np.float32), tol=1e-4)


@pytest.mark.parametrize(("ours", "theirs", "arrays", "tol"), CASES)
def test_values_and_gradients_are_those_of_torch(ours: Any, theirs: Any, arrays: Any, tol: float) -> None:
    own = [Tensor(array.copy(), requires_grad=array.dtype.kind == "f") for array in arrays]
    reference = [torch.tensor(array, requires_grad=array.dtype.kind == "f") for array in arrays]
    found, expected = ours(*own), theirs(*reference)
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), atol=tol, rtol=tol)
    assert found.requires_grad == expected.requires_grad
    weights = np.asarray(rng.random(tuple(expected.shape)))
    found.backward(Tensor(weights).to(found.dtype))
    expected.backward(torch.tensor(weights).to(expected.dtype))
    for one, other in zip(own, reference, strict=True):
        if other.grad is not None:
            assert one.grad is not None
            np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy(), atol=tol, rtol=tol)


def test_gradients_flow_from_torch_through_tensors_to_torch() -> None:
    weight = Tensor([[1.0, 2.0, 3.0], [0.5, 0.1, 0.2]], dtype="float64", requires_grad=True)

    def middle(x: Any, y: Any) -> Any:
        own = Tensor.from_torch(x.exp()).tanh() @ weight + Tensor.from_torch(y)
        return own.to_torch().sin() * y

    x = torch.tensor([[1.0, 2.0], [3.0, 0.5]], requires_grad=True, dtype=torch.double)
    y = torch.tensor([0.3, 0.2, 0.1], requires_grad=True, dtype=torch.double)
    assert torch.autograd.gradcheck(middle, (x, y))
    weight.grad = None
    middle(x, y).sum().backward()
    theirs = torch.tensor(weight.detach().numpy(), requires_grad=True)
    (((x.exp().tanh() @ theirs + y).sin()) * y).sum().backward()
    assert weight.grad is not None
    np.testing.assert_allclose(weight.grad.numpy(), theirs.grad.numpy(), rtol=1e-12)


def test_a_backward_pass_of_ours_continues_in_torch() -> None:
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    own = Tensor.from_torch(x * 2)
    (own * own).sum().backward()
    assert x.grad.tolist() == [8.0, 16.0, 24.0]


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.bool, torch.int32]
)
def test_memory_is_shared_with_torch(dtype: Any) -> None:
    x = torch.arange(6).reshape(2, 3).to(dtype)
    own = Tensor.from_torch(x.t())
    assert own.dtype == dtype and own.shape == (3, 2)
    back = own.to_torch()
    assert back.data_ptr() == x.data_ptr() and back.stride() == (1, 3) and torch.equal(back, x.t())


def test_an_error_in_torch_is_raised_again() -> None:
    class Failing(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 1

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            raise ValueError("in torch")

    x = torch.tensor([1.0], requires_grad=True)
    with pytest.raises(ValueError, match="in torch"):
        Tensor.from_torch(Failing.apply(x)).sum().backward()


def test_read_only_memory_is_copied_for_torch(tmp_path: Any) -> None:
    np.arange(6, dtype=np.float32).tofile(tmp_path / "numbers")
    own = Tensor(np.memmap(tmp_path / "numbers", dtype=np.float32, mode="r"))
    own.to_torch().zero_()
    assert own.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
