"""The seed of random number generators."""

from __future__ import annotations

import random
import sys
from typing import Any

from trustformers import _native
from trustformers.errors import InputError
from trustformers.runtime import dropout
from trustformers.runtime.generators import default_generator

__all__ = ["enable_full_determinism", "set_seed"]


def set_seed(seed: int) -> None:
    """Seeds the random number generators of Python, NumPy, data loaders, dropout, the engine and, if imported, torch.

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
    default_generator.manual_seed(seed)
    dropout.restart(seed)
    _native.set_seed(seed)
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def enable_full_determinism(seed: int, warn_only: bool = False) -> None:
    """Seeds as `set_seed`; if torch is imported, also restricts it to deterministic algorithms.

    Parameters
    ----------
    seed
        As for `set_seed`.
    warn_only
        Whether torch warns of operations without a deterministic algorithm instead of raising.
    """
    set_seed(seed)
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.use_deterministic_algorithms(True, warn_only=warn_only)
