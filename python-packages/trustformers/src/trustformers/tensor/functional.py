"""Functions of `torch.nn.functional` for tensors.

Examples
--------
>>> import trustformers.tensor.functional as F
>>> F.normalize(embeddings, dim=-1)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from trustformers import _native
from trustformers._native import Tensor, cross_entropy, embedding, layer_norm, nll_loss, rand_like
from trustformers._native import rms_norm as _rms_norm
from trustformers.errors import InputError, UnsupportedError
from trustformers.tensor.activations import (
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    logsigmoid,
    mish,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
)
from trustformers.tensor.elementwise import tanh
from trustformers.tensor.namespace import arange, cat, finfo, full, ones, where

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cosine_similarity",
    "cross_entropy",
    "dropout",
    "elu",
    "embedding",
    "gelu",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "log_softmax",
    "logsigmoid",
    "mish",
    "mse_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "relu",
    "rms_norm",
    "scaled_dot_product_attention",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "softmax",
    "softplus",
    "tanh",
]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Linear layer.

    **Shapes**: `input: [..., in_features]`, `weight: [out_features, in_features]`, `bias: [out_features]`.
    """
    product = input @ weight.t()
    return product if bias is None else product + bias


def dropout(input: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """Elements replaced by zeros with probability `p`, otherwise divided by `1 - p`; unchanged without `training`."""
    if not 0 <= p <= 1:
        raise InputError(f"p: expected a probability, found {p}")
    if not training or p == 0:
        return input
    if p == 1:
        return input * 0
    return input * (rand_like(input.detach(), dtype="float32") >= p).to(input.dtype) / (1 - p)


def rms_norm(
    input: Tensor, normalized_shape: int | Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """RMS normalization over the last dimensions, whose sizes are `normalized_shape`."""
    return _rms_norm(input, normalized_shape, weight, float(finfo(input.dtype).eps) if eps is None else eps)


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """Vectors along a dimension divided by their norms, at least by `eps`."""
    return input / input.norm(p, dim, keepdim=True).clamp(min=eps)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """Cosine of the angles between vectors along a dimension."""
    first, second = (x / x.norm(2.0, dim, keepdim=True).clamp(min=eps) for x in (x1, x2))
    return (first * second).sum(dim)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Vectors (int64) with 1 at the index of each element and 0 elsewhere, as the last dimension."""
    if tensor.is_floating_point() or tensor.dtype == "bool":
        raise InputError(f"tensor: expected integers, found {tensor.dtype}")
    if num_classes == -1:
        num_classes = int(tensor.max()) + 1
    if tensor.numel() and (int(tensor.min()) < 0 or int(tensor.max()) >= num_classes):
        raise InputError(f"tensor: an index is not in 0 to {num_classes - 1}")
    return (tensor.unsqueeze(-1) == arange(num_classes, device=tensor.device)).long()


def pad(input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """Pads dimensions with a number: `pad` has the sizes before and after for the last dimension, the one before it,
    and so on; negative sizes cut off elements.
    """
    if mode != "constant":
        raise UnsupportedError(f"padding with mode {mode!r}; constant is supported")
    if len(pad) % 2 or len(pad) // 2 > input.ndim:
        raise InputError(f"pad: {list(pad)} does not have two sizes for each of at most {input.ndim} dimensions")
    for at in range(len(pad) // 2):
        dim = input.ndim - 1 - at
        before, after = pad[2 * at], pad[2 * at + 1]
        start, end = max(-before, 0), input.size(dim) - max(-after, 0)
        if end < start:
            raise InputError(f"pad: {before} and {after} cut off more than dimension {dim} of size {input.size(dim)}")
        parts = [input.narrow(dim, start, end - start)]
        for size, is_before in ((before, True), (after, False)):
            if size > 0:
                shape = [*input.shape[:dim], size, *input.shape[dim + 1 :]]
                filling = full(shape, value or 0, dtype=input.dtype, device=input.device)
                parts.insert(0 if is_before else len(parts), filling)
        input = parts[0] if len(parts) == 1 else cat(parts, dim)
    return input


def _reduced(losses: Tensor, reduction: str) -> Tensor:
    if reduction == "mean":
        return losses.mean()
    if reduction == "sum":
        return losses.sum()
    if reduction == "none":
        return losses
    raise InputError(f'reduction: {reduction!r}; expected "none", "mean" or "sum"')


def mse_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """Squared differences."""
    return _reduced((input - target).square(), reduction)


def l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """Absolute differences."""
    return _reduced((input - target).abs(), reduction)


def huber_loss(input: Tensor, target: Tensor, *, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """Half the squared difference up to `delta`, and linear beyond it."""
    distance = (input - target).abs()
    losses = where(distance <= delta, distance.square() * 0.5, (distance - 0.5 * delta) * delta)
    return _reduced(losses, reduction)


def smooth_l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """Half the squared difference divided by `beta` up to `beta`, and linear beyond it."""
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    return _reduced(huber_loss(input, target, reduction="none", delta=beta) / beta, reduction)


def kl_div(input: Tensor, target: Tensor, *, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """Kullback-Leibler divergence of `target` from the log probabilities `input`; "batchmean" divides by the batch."""
    losses: Tensor
    if log_target:
        losses = target.exp() * (target - input)
    else:
        is_positive = target > 0
        losses = where(is_positive, target * (where(is_positive, target, 1.0).log() - input), 0.0)
    if reduction == "batchmean":
        return losses.sum() / input.shape[0]
    return _reduced(losses, reduction)


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """Cross entropy of probabilities; logarithms are at least -100."""
    losses = -(target * input.log().clamp(min=-100.0) + (1 - target) * (1 - input).log().clamp(min=-100.0))
    return _reduced(losses if weight is None else losses * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Cross entropy of the probabilities `target` and logits, with `pos_weight` for positive targets."""
    losses = _native._binary_cross_entropy_with_logits(input, target, pos_weight)
    return _reduced(losses if weight is None else losses * weight, reduction)


def scaled_dot_product_attention(  # noqa: PLR0917  # the order of torch
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """Scaled dot-product attention.

    A boolean `attn_mask` is true where a query may attend to a key; other masks are added to the scores. A query that
    may attend to no key gets zeros.

    **Shapes**: `query: [..., heads, q_seq, head_dim]`, `key, value: [..., kv_heads, kv_seq, head_dim]`,
    `attn_mask: [..., q_seq, kv_seq]`.
    """
    if is_causal and attn_mask is not None:
        raise InputError("attn_mask: expected None with is_causal")
    if enable_gqa and query.size(-3) != key.size(-3):
        groups = query.size(-3) // key.size(-3)
        key, value = (x.repeat_interleave(groups, -3) for x in (key, value))
    scores = (query @ key.mT) * (1 / math.sqrt(query.size(-1)) if scale is None else scale)
    mask: Any = attn_mask
    if is_causal:
        mask = ones(query.size(-2), key.size(-2), dtype="bool", device=query.device).tril()
    if mask is None:
        weights = scores.softmax(-1)
    elif mask.dtype == "bool":
        weights = scores.masked_fill(~mask, -math.inf).softmax(-1)
        weights = weights.masked_fill(~mask.any(-1, True).expand_as(weights), 0.0)
    else:
        weights = (scores + mask).softmax(-1)
    return dropout(weights, dropout_p) @ value
