"""Adapters that are weighted sums of other adapters."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers._native import Tensor
from trustformers.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustformers.peft.adapters import Adapters, LowRank
    from trustformers.peft.config import LoraConfig

__all__ = ["KINDS", "add_weighted"]

KINDS = ("svd", "linear", "cat")


def add_weighted(
    adapters: Adapters,
    name: str,
    parts: Sequence[tuple[str, float]],
    combination_type: str,
    svd_rank: int | None = None,
) -> None:
    """Adds an adapter whose updates are sums of those of others, each with a weight.

    Parameters
    ----------
    adapters
        The adapters.
    name
        The name of the new one.
    parts
        Names of others, and their weights.
    combination_type
        "svd", the nearest update of its rank; "cat", the sum itself, whose rank is the sum of the ranks; or "linear",
        the product of the sums of the factors.
    svd_rank
        The rank with "svd", by default the largest of the others.

    Raises
    ------
    InputError
        There is no such adapter, or ranks or settings of the others do not fit.
    UnsupportedError
        The kind is not supported, or an adapter has more than low-rank updates.
    """
    if not parts:
        raise InputError("adapters: expected names of adapters, found nothing")
    for own, _ in parts:
        adapters.check(own)
    configs = [adapters.configs[own] for own, _ in parts]
    kind = "linear" if len(parts) == 1 else combination_type
    if kind not in KINDS:
        raise UnsupportedError(f"not supported: combination_type={kind!r}; use one of {', '.join(KINDS)}")
    for (own, _), config in zip(parts, configs, strict=True):
        if config.use_dora or config.bias != "none" or adapters.saved[own]:
            raise UnsupportedError(
                f"not supported: a sum with the adapter {own!r}, which has use_dora, bias or modules_to_save"
            )
    ranks = [max([config.r, *config.rank_pattern.values()]) for config in configs]
    if kind == "linear" and len(set(ranks)) > 1:
        raise InputError(f'combination_type: "linear" sums adapters of one rank, found {ranks}; use "svd" or "cat"')
    rank = {"linear": ranks[0], "cat": sum(ranks), "svd": svd_rank or max(ranks)}[kind]
    # Weights and scales are part of the factors, so that the scale of the new adapter is one.
    changes: dict[str, Any] = {"r": rank, "lora_alpha": rank, "rank_pattern": {}, "alpha_pattern": {}}
    targets = _targets(configs)
    new = dataclasses.replace(configs[0], **changes, target_modules=targets, use_rslora=False)
    adapters.add(name, new, is_loaded=True)
    by_module: dict[str, list[tuple[LowRank, float]]] = {}
    for own, weight in parts:
        for layer in adapters.layers[own]:
            by_module.setdefault(layer.module, []).append((layer, weight))
    try:
        for layer in adapters.layers[name]:
            factors = _combined(adapters, layer, by_module.get(layer.module, []), kind)
            for tensor, values in zip((layer.a, layer.b), factors, strict=True):
                adapters.load(tensor, Tensor(values))
    except BaseException:
        adapters.delete(name)
        raise


def _targets(configs: list[LoraConfig]) -> set[str] | str:
    """The modules that have any of the adapters."""
    targets = [config.target_modules for config in configs]
    names = [target for target in targets if isinstance(target, set)]
    patterns = [target for target in targets if isinstance(target, str)]
    if names and patterns:
        raise InputError("target_modules: a regular expression in one adapter, and names in another one")
    return set().union(*names) if names else "|".join(f"({pattern})" for pattern in dict.fromkeys(patterns))


def _combined(
    adapters: Adapters, layer: LowRank, parts: list[tuple[LowRank, float]], kind: str
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """The factors (rank, inputs) and (outputs, rank) of a module."""
    a = np.zeros((layer.rank, layer.inputs), np.float32)
    b = np.zeros((layer.outputs, layer.rank), np.float32)
    known = [
        (adapters.tensors[own.a].detach().float().numpy(), adapters.tensors[own.b].detach().float().numpy(), weight)
        for own, weight in ((own, weight * own.scale) for own, weight in parts)
    ]
    if kind == "svd" and known:
        total = sum(weight * (rows @ columns) for columns, rows, weight in known)
        left, sizes, right = np.linalg.svd(total, full_matrices=False)
        count = min(layer.rank, len(sizes))
        a[:count], b[:, :count] = right[:count], left[:, :count] * sizes[:count]
        return a, b
    start = 0
    for columns, rows, weight in known:
        stop = start + len(columns)
        if kind == "cat":
            a[start:stop], b[:, start:stop] = columns * weight, rows
            start = stop
        elif len(columns) != layer.rank:
            raise InputError(
                f"rank_pattern: {layer.module} has rank {len(columns)} in an adapter and {layer.rank} in another one"
            )
        else:
            root = math.sqrt(abs(weight))
            a += columns * math.copysign(root, weight)
            b += rows * root
    return a, b
