"""The arguments of `save_pretrained` of models."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

from trustformers.errors import InputError, UnsupportedError

logger: logging.Logger = logging.getLogger("trustformers")

WEIGHTS = "model.safetensors"
_UNITS = {
    "": 1,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
}
# Arguments without effect.
_IGNORED = {"token", "save_peft_format", "save_original_format", "save_function"}


def writes(is_main_process: bool = True, **options: Any) -> bool:
    """Whether this process writes files; rejects options that would write other files than `model.safetensors`.

    Raises
    ------
    UnsupportedError
        An option is not supported.
    TypeError
        There is no such option.
    """
    unsupported = {
        "push_to_hub": "uploads to the hub; save the model, and upload the directory with huggingface_hub",
        "state_dict": "saving other weights than the model's",
        "variant": "saving weights under the name of a variant; rename model.safetensors",
        "distributed_checkpoint": "distributed checkpoints",
    }
    for name, value in options.items():
        if name in unsupported:
            if value:
                raise UnsupportedError(f"not supported: {name}: {unsupported[name]}")
        elif name == "safe_serialization":
            if not value:
                raise UnsupportedError("not supported: safe_serialization=False: weights are saved as safetensors")
        elif name == "max_shard_size":
            _bytes(value)
        elif name not in _IGNORED:
            raise TypeError(f"save_pretrained() got an unexpected keyword argument {name!r}")
    return bool(is_main_process)


def check_size(save_directory: Any, max_shard_size: int | str | None) -> None:
    """Warns if the file of weights is larger than `max_shard_size`: weights are not sharded."""
    if max_shard_size is None:
        return
    size = (Path(save_directory) / WEIGHTS).stat().st_size
    if size > _bytes(max_shard_size):
        logger.warning("max_shard_size: %s is one file of %.2f GB; weights are not sharded", WEIGHTS, size / 10**9)


def _bytes(size: object) -> int:
    if isinstance(size, int) and not isinstance(size, bool):
        return size
    match = re.fullmatch(r"(\d+)\s*([KMGT]I?B|)", size.upper()) if isinstance(size, str) else None
    if match is None:
        raise InputError(f'max_shard_size: expected a number of bytes or a size such as "5GB", found {size!r}')
    return int(match[1]) * _UNITS[match[2]]
