"""The arguments of `save_pretrained` of models."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from trustformers.errors import InputError, UnsupportedError
from trustformers.safetensors import safe_open, save_file

WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
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
    """Whether this process writes files; rejects options that would write other files.

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


def shard(save_directory: Any, max_shard_size: int | str | None) -> None:
    """Divides a file of weights that is larger than `max_shard_size` into several, with an index.

    A weight is in one file, also if it is larger.
    """
    directory = Path(save_directory)
    file = directory / WEIGHTS
    for old in (directory / _INDEX, *directory.glob("model-*-of-*.safetensors")):
        old.unlink(missing_ok=True)
    limit = None if max_shard_size is None else _bytes(max_shard_size)
    if limit is None or file.stat().st_size <= limit:
        return
    shards: list[dict[str, Any]] = []
    open_size = limit
    with safe_open(file, "tf_rs") as opened:
        metadata, tensors = opened.metadata(), opened.get_tensors()
    sizes = {name: tensor.numel() * tensor.element_size() for name, tensor in tensors.items()}
    for name, tensor in tensors.items():
        if not shards or open_size + sizes[name] > limit:
            shards.append({})
            open_size = 0
        shards[-1][name] = tensor
        open_size += sizes[name]
    if len(shards) == 1:
        return
    weight_map: dict[str, str] = {}
    for number, weights in enumerate(shards, 1):
        name = f"model-{number:05d}-of-{len(shards):05d}.safetensors"
        save_file(weights, directory / name, metadata)
        weight_map |= dict.fromkeys(weights, name)
    count = sum(tensor.numel() for tensor in tensors.values())
    index = {"metadata": {"total_parameters": count, "total_size": sum(sizes.values())}, "weight_map": weight_map}
    (directory / _INDEX).write_text(json.dumps(index, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    file.unlink()


def _bytes(size: object) -> int:
    if isinstance(size, int) and not isinstance(size, bool):
        return size
    match = re.fullmatch(r"(\d+)\s*([KMGT]I?B|)", size.upper()) if isinstance(size, str) else None
    if match is None:
        raise InputError(f'max_shard_size: expected a number of bytes or a size such as "5GB", found {size!r}')
    return int(match[1]) * _UNITS[match[2]]
