"""The files of a checkpoint beside those of the model, and directories that appear as a whole."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from trustformers import safetensors
from trustformers._native import Tensor
from trustformers.errors import InputError
from trustformers.training.checkpoints import PREFIX_CHECKPOINT_DIR

__all__ = [
    "OPTIMIZER_FILE",
    "SCALER_FILE",
    "SCHEDULER_FILE",
    "clean_up",
    "load_json",
    "load_optimizer",
    "random_file",
    "remove_checkpoint",
    "replaced",
    "save_json",
    "save_optimizer",
]

OPTIMIZER_FILE = "optimizer.safetensors"
SCHEDULER_FILE = "scheduler.json"
SCALER_FILE = "scaler.json"
# Directories that are being written, and those that they replace or that are being deleted.
_NEW, _OLD = "new-", "old-"


def random_file(rank: int) -> str:
    """The name of the file with the states of random number generators of a process."""
    return "rng_state.json" if rank == 0 else f"rng_state_{rank}.json"


def save_optimizer(path: Path, optimizer: Any, names: Mapping[int, str]) -> None:
    """Writes the state of an optimizer: tensors by the name of the weight and of the state, such as `w.exp_avg`.

    Parameters
    ----------
    path
        The safetensors file.
    optimizer
        The optimizer, whose `state_dict` is as torch's.
    names
        The names of weights by the `id` of their parameters.
    """
    owned = _names(optimizer, names)
    saved = optimizer.state_dict()
    tensors: dict[str, Any] = {}
    values: dict[str, dict[str, Any]] = {}
    for index, state in saved["state"].items():
        for key, value in state.items():
            if isinstance(value, Tensor):
                tensors[f"{owned[index]}.{key}"] = value
            else:
                values.setdefault(owned[index], {})[key] = value
    groups = [{**group, "params": [owned[index] for index in group["params"]]} for group in saved["param_groups"]]
    others = {key: value for key, value in saved.items() if key not in ("state", "param_groups")}
    metadata = {"format": "pt", "param_groups": groups, "values": values, "others": others}
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in metadata.items()}
    safetensors.save_file(tensors, path, texts)


def load_optimizer(path: Path, optimizer: Any, names: Mapping[int, str]) -> None:
    """Gives an optimizer the state that `save_optimizer` wrote.

    Raises
    ------
    InputError
        The state is of other parameters.
    """
    owned = _names(optimizer, names)
    with safetensors.safe_open(path, framework="tf_rs") as file:
        texts = file.metadata() or {}
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  # a method of files
    if "param_groups" not in texts:
        raise InputError(f"{path}: expected the state of an optimizer, found a file without param_groups")
    groups = json.loads(texts["param_groups"])
    found = [name for group in groups for name in group["params"]]
    if sorted(found) != sorted(owned):
        differing = sorted(set(found) ^ set(owned))
        raise InputError(
            f"{path}: the optimizer's state is of other parameters than the model trains: {', '.join(differing[:5])}"
            f"{', ...' if len(differing) > 5 else ''}; requires_grad of parameters must be as when it was saved"
        )
    indices = {name: index for index, name in enumerate(owned)}
    state: dict[int, dict[str, Any]] = {}
    for name, values in json.loads(texts["values"]).items():
        state.setdefault(indices[name], {}).update(values)
    for key, tensor in tensors.items():
        name, _, kind = key.rpartition(".")
        state.setdefault(indices[name], {})[kind] = tensor
    for group in groups:
        group["params"] = [indices[name] for name in group["params"]]
        if "betas" in group:
            group["betas"] = tuple(group["betas"])
    optimizer.load_state_dict({"state": state, "param_groups": groups, **json.loads(texts.get("others", "{}"))})


def _names(optimizer: Any, names: Mapping[int, str]) -> list[str]:
    """The names of an optimizer's parameters in the order of its state."""
    parameters = (parameter for group in optimizer.param_groups for parameter in group["params"])
    return [names.get(id(parameter), f"parameters.{index}") for index, parameter in enumerate(parameters)]


def save_json(path: Path, value: Any) -> None:
    """Writes JSON, with floats as they are."""
    path.write_text(json.dumps(value), encoding="utf-8")


def load_json(path: Path) -> Any:
    """Reads JSON.

    Raises
    ------
    InputError
        The file is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path}: expected JSON, found {error}") from error


@contextmanager
def replaced(directory: Path) -> Iterator[Path]:
    """A new directory to write into, which gets its name when the block ends: it appears as a whole or not at all."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    new, old = (directory.with_name(prefix + directory.name) for prefix in (_NEW, _OLD))
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    try:
        yield new
        _write_back(new)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    if directory.exists():
        shutil.rmtree(old, ignore_errors=True)
        directory.rename(old)
    new.rename(directory)
    _sync(directory.parent)
    shutil.rmtree(old, ignore_errors=True)


def remove_checkpoint(directory: Path) -> None:
    """Deletes a checkpoint, of which nothing stays under its name."""
    old = directory.with_name(_OLD + directory.name)
    shutil.rmtree(old, ignore_errors=True)
    directory.rename(old)
    shutil.rmtree(old, ignore_errors=True)


def clean_up(output_dir: Path) -> None:
    """Removes what a killed training has left of checkpoints, and restores one that it was replacing."""
    if not output_dir.is_dir():
        return
    pattern = re.compile(rf"({_NEW}|{_OLD})({PREFIX_CHECKPOINT_DIR}-\d+)")
    # Directories that were replaced first: the new one tells that they were.
    for path in sorted(output_dir.iterdir(), reverse=True):
        match = pattern.fullmatch(path.name)
        if match is None or not path.is_dir():
            continue
        was_replaced = match[1] == _OLD and (output_dir / (_NEW + match[2])).is_dir()
        if was_replaced and not (output_dir / match[2]).exists():
            path.rename(output_dir / match[2])
        else:
            shutil.rmtree(path, ignore_errors=True)


def _write_back(directory: Path) -> None:
    for root, _, files in os.walk(directory):
        for name in files:
            _sync(Path(root) / name)
        _sync(Path(root))


def _sync(path: Path) -> None:
    """Waits until a file or directory is on the disk, where the system can tell."""
    if os.name == "nt" and path.is_dir():
        return
    number = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
