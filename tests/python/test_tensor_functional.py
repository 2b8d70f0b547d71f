"""Functions of torch.nn.functional equal their definitions in NumPy."""

import math
from typing import Any

import numpy as np
import pytest
import trustformers.tensor as T
import trustformers.tensor.functional as F
from trustformers import Tensor
from trustformers.errors import InputError, UnsupportedError

rng = np.random.default_rng(1)
X = rng.normal(size=(3, 4))
Y = rng.normal(size=(3, 4))
P = rng.random((3, 4))
CLASSES = np.array([2, -100, 0])


def same(found: Any, expected: Any) -> None:
    found = found.numpy()
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


def log_softmax(x: Any, axis: int = -1) -> Any:
    return x - np.log(np.exp(x).sum(axis, keepdims=True))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("relu", np.maximum(X, 0)),
        ("sigmoid", 1 / (1 + np.exp(-X))),
        ("silu", X / (1 + np.exp(-X))),
        ("softmax", np.exp(log_softmax(X))),
        ("log_softmax", log_softmax(X)),
        ("leaky_relu", np.where(X > 0, X, 0.01 * X)),
        ("elu", np.where(X > 0, X, np.expm1(X))),
        ("softplus", np.log1p(np.exp(X))),
        ("logsigmoid", -np.log1p(np.exp(-X))),
        ("mish", X * np.tanh(np.log1p(np.exp(X)))),
        ("tanh", np.tanh(X)),
    ],
)
def test_activations_are_their_definitions(name: str, expected: Any) -> None:
    same(getattr(F, name)(Tensor(X)), expected)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda x, y: F.mse_loss(x, y), ((X - Y) ** 2).mean()),
        (lambda x, y: F.mse_loss(x, y, reduction="none"), (X - Y) ** 2),
        (lambda x, y: F.l1_loss(x, y, reduction="sum"), np.abs(X - Y).sum()),
        (
            lambda x, y: F.huber_loss(x, y, delta=0.5, reduction="none"),
            np.where(np.abs(X - Y) <= 0.5, 0.5 * (X - Y) ** 2, 0.5 * (np.abs(X - Y) - 0.25)),
        ),
        (
            lambda x, y: F.smooth_l1_loss(x, y, reduction="none"),
            np.where(np.abs(X - Y) <= 1, 0.5 * (X - Y) ** 2, np.abs(X - Y) - 0.5),
        ),
        (lambda x, y: F.kl_div(x, Tensor(P), reduction="batchmean"), (P * (np.log(P) - X)).sum() / 3),
        (
            lambda x, y: F.binary_cross_entropy_with_logits(x, Tensor(P)),
            (np.log1p(np.exp(X)) - P * X).mean(),
        ),
        (
            lambda x, y: F.binary_cross_entropy_with_logits(x, Tensor(P), pos_weight=Tensor(P[0]), reduction="sum"),
            (P[0] * P * np.log1p(np.exp(-X)) + (1 - P) * np.log1p(np.exp(X))).sum(),
        ),
        (
            lambda x, y: F.binary_cross_entropy(Tensor(P), Tensor(P)),
            -(P * np.log(P) + (1 - P) * np.log(1 - P)).mean(),
        ),
        (lambda x, y: F.normalize(x, dim=1), X / np.linalg.norm(X, axis=1, keepdims=True)),
        (
            lambda x, y: F.cosine_similarity(x, y),
            (X * Y).sum(1) / np.linalg.norm(X, axis=1) / np.linalg.norm(Y, axis=1),
        ),
        (lambda x, y: F.linear(x, y, Tensor(P[:, 0].copy())), X @ Y.T + P[:, 0]),
        (lambda x, y: F.pad(x, (1, 2, 0, 1), value=0.5), np.pad(X, ((0, 1), (1, 2)), constant_values=0.5)),
        (lambda x, y: F.pad(x, (-1, 2)), np.pad(X[:, 1:], ((0, 0), (0, 2)))),
        (lambda x, y: F.layer_norm(x, (4,)), (X - X.mean(1, keepdims=True)) / np.sqrt(X.var(1, keepdims=True) + 1e-5)),
        (lambda x, y: F.nll_loss(x, Tensor(CLASSES)), -(X[0, 2] + X[2, 0]) / 2),
    ],
)
def test_losses_and_layers_are_their_definitions(found: Any, expected: Any) -> None:
    same(found(Tensor(X), Tensor(Y)), expected)


def test_cross_entropy_is_its_definition() -> None:
    x, target = Tensor(X), Tensor(CLASSES)
    logs = log_softmax(X)
    picked = -np.array([logs[0, 2], 0.0, logs[2, 0]])
    same(F.cross_entropy(x, target), picked.sum() / 2)
    same(F.cross_entropy(x, target, reduction="none"), picked)
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    same(F.cross_entropy(x, target, Tensor(weight)), (3 * picked[0] + picked[2]) / 4)
    spread = -logs.mean(1) * [1, 0, 1]
    same(F.cross_entropy(x, target, label_smoothing=0.2, reduction="sum"), (0.8 * picked + 0.2 * spread).sum())
    probabilities = P / P.sum(1, keepdims=True)
    same(F.cross_entropy(x, Tensor(probabilities)), -(probabilities * logs).sum() / 3)
    same(F.cross_entropy(x[0], Tensor(2)), picked[0])
    deep = rng.normal(size=(2, 4, 3, 2))
    classes = rng.integers(0, 4, (2, 3, 2))
    expected = -np.take_along_axis(log_softmax(deep, 1), classes[:, None], 1)[:, 0]
    same(F.cross_entropy(Tensor(deep), Tensor(classes), reduction="none"), expected)
    for wrong in ([4, 0, 0], [-1, 0, 0]):
        with pytest.raises(InputError):
            F.cross_entropy(x, Tensor(wrong))
    with pytest.raises(InputError, match="reduction"):
        F.cross_entropy(x, target, reduction="max")


def test_rows_at_the_padding_index_have_no_gradient() -> None:
    weight = Tensor(X, requires_grad=True)
    F.embedding(Tensor([[0, 1], [2, 1]]), weight, padding_idx=1).sum().backward()
    assert weight.grad is not None and weight.grad.sum(1).tolist() == [4.0, 0.0, 4.0]


def test_dropout_scales_what_it_keeps() -> None:
    T.manual_seed(0)
    ones = T.ones(4000)
    found = F.dropout(ones, 0.25)
    assert set(found.unique().tolist()) == {0.0, float(np.float32(1) / np.float32(0.75))}
    assert abs(float(found.mean()) - 1) < 0.05
    assert F.dropout(ones, 0.25, training=False).equal(ones) and F.dropout(ones, 1.0).sum() == 0
    x = T.ones(100, requires_grad=True)
    dropped = F.dropout(x)
    dropped.sum().backward()
    assert x.grad is not None and x.grad.tolist() == dropped.tolist()


def test_classes_are_one_hot() -> None:
    assert F.one_hot(Tensor([[0, 2]])).tolist() == [[[1, 0, 0], [0, 0, 1]]]
    assert F.one_hot(Tensor([1]), 4).dtype == "int64"
    with pytest.raises(InputError, match="index"):
        F.one_hot(Tensor([3]), 3)
    with pytest.raises(UnsupportedError, match="reflect"):
        F.pad(Tensor(X), (1, 1), mode="reflect")


def attention(q: Any, k: Any, v: Any, allowed: Any, bias: Any = 0.0, scale: float | None = None) -> Any:
    scores = q @ k.swapaxes(-1, -2) * (scale or 1 / math.sqrt(q.shape[-1])) + bias
    weights = np.where(allowed, np.exp(scores), 0.0)
    total = weights.sum(-1, keepdims=True)
    return weights / np.where(total == 0, 1, total) @ v


def test_attention_is_its_definition() -> None:
    q, k, v = (rng.normal(size=(2, 4, length, 8)) for length in (3, 5, 5))
    tensors = [Tensor(x) for x in (q, k, v)]
    attend: Any = F.scaled_dot_product_attention
    same(attend(*tensors), attention(q, k, v, True))
    same(attend(*tensors, scale=0.2), attention(q, k, v, True, scale=0.2))
    same(attend(*tensors, is_causal=True), attention(q, k, v, np.tri(3, 5, dtype=bool)))
    mask = rng.random((2, 1, 3, 5)) > 0.5
    mask[0, 0, 1] = False
    same(attend(*tensors, Tensor(mask)), attention(q, k, v, mask))
    bias = rng.normal(size=(3, 5))
    same(attend(*tensors, Tensor(bias)), attention(q, k, v, True, bias))
    few = [Tensor(x[:, :2].copy()) for x in (k, v)]
    expected = attention(q, k[:, [0, 0, 1, 1]], v[:, [0, 0, 1, 1]], True)
    same(attend(tensors[0], *few, enable_gqa=True), expected)
