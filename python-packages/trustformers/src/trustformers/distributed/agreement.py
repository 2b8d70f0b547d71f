"""Checks that all processes are given the same model, data and settings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers.distributed.tensors import as_array, broadcast_array, store
from trustformers.errors import InputError
from trustformers.tensor.autograd import no_grad

if TYPE_CHECKING:
    from trustformers._native import Tensor
    from trustformers.distributed.world import World

__all__ = ["broadcast_weights", "check_agreement", "weights_of"]


def check_agreement(world: World, facts: Mapping[str, Any]) -> None:
    """Checks that facts are the same in all processes.

    Parameters
    ----------
    world
        The processes.
    facts
        Plain values by name.

    Raises
    ------
    InputError
        A process has another value than the first; the message names the process and the fact.
    """
    everyone = world.gather(dict(facts), "comparison of the ranks")
    first = everyone[0]
    for rank, found in enumerate(everyone):
        for name in sorted(first.keys() | found.keys()):
            if first.get(name) != found.get(name):
                raise InputError(
                    f"{name}: rank 0 has {first.get(name)!r}, and rank {rank} has {found.get(name)!r}; all ranks need "
                    "the same model, data and settings"
                )


def weights_of(parameters: Mapping[str, Tensor]) -> dict[str, Any]:
    """What is the same in all processes that train the same model: the names, shapes and dtypes of its weights."""
    listed = [
        f"{name} {tuple(parameter.shape)} {parameter.dtype} {parameter.requires_grad}"
        for name, parameter in parameters.items()
    ]
    digest = hashlib.sha256("\n".join(listed).encode()).hexdigest()[:12]
    return {
        "the number of the model's weights": len(listed),
        "the number of elements of the model's weights": sum(parameter.numel() for parameter in parameters.values()),
        "the hash of names, shapes and dtypes of the model's weights": digest,
    }


@no_grad()
def broadcast_weights(world: World, parameters: Mapping[str, Tensor]) -> None:
    """Gives all processes the weights of the first one.

    Parameters
    ----------
    world
        The processes.
    parameters
        The weights by name.
    """
    if world.size == 1:
        return
    for name, parameter in parameters.items():
        received = broadcast_array(world, parameter, 0, f"broadcast of {name}")
        if not world.is_first and not np.array_equal(received, as_array(parameter), equal_nan=True):
            store(parameter, received)
