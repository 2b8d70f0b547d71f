"""The seed of random number generators."""

from __future__ import annotations

import random

from trustformers import _native
from trustformers.errors import InputError

__all__ = ["set_seed"]


def set_seed(seed: int) -> None:
    """Seeds the random number generators of Python, NumPy and the engine.

    Raises
    ------
    InputError
        The seed is not an integer from 0 to 2**32 - 1.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise InputError(f"seed: expected an integer from 0 to 2**32 - 1, found {seed!r}")
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)
    _native.set_seed(seed)
