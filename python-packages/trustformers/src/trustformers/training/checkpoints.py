"""The folders of checkpoints, `checkpoint-500` and so on, and the names of their files."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = [
    "OPTIMIZER_NAME",
    "OPTIMIZER_NAME_BIN",
    "PREFIX_CHECKPOINT_DIR",
    "SCALER_NAME",
    "SCHEDULER_NAME",
    "TRAINER_STATE_NAME",
    "TRAINING_ARGS_NAME",
    "get_last_checkpoint",
    "sort_checkpoints",
]

PREFIX_CHECKPOINT_DIR = "checkpoint"
OPTIMIZER_NAME = "optimizer.pt"
OPTIMIZER_NAME_BIN = "optimizer.bin"
SCALER_NAME = "scaler.pt"
SCHEDULER_NAME = "scheduler.pt"
TRAINER_STATE_NAME = "trainer_state.json"
TRAINING_ARGS_NAME = "training_args.bin"


def get_last_checkpoint(folder: str | os.PathLike[str]) -> str | None:
    """The path of the checkpoint of the most steps in a folder; None if it has no checkpoint."""
    steps = {
        int(match[1]): match[0]
        for name in os.listdir(folder)
        if (match := re.fullmatch(rf"{PREFIX_CHECKPOINT_DIR}-(\d+)", name)) and (Path(folder) / name).is_dir()
    }
    return os.path.join(folder, steps[max(steps)]) if steps else None


def sort_checkpoints(
    output_dir: str | os.PathLike[str],
    checkpoint_prefix: str = PREFIX_CHECKPOINT_DIR,
    use_mtime: bool = False,
    best_model_checkpoint: str | None = None,
) -> list[str]:
    """The paths of a folder's checkpoints, the oldest first.

    Parameters
    ----------
    output_dir
        The folder.
    checkpoint_prefix
        The beginning of the checkpoints' names.
    use_mtime
        Whether to sort by the time of modification instead of the number of steps.
    best_model_checkpoint
        The path of a checkpoint that goes before the last one.
    """
    keys: dict[str, tuple[float, int]] = {}
    for file in Path(output_dir).glob(f"{checkpoint_prefix}-*"):
        match = re.match(rf"{re.escape(checkpoint_prefix)}-(\d+)", file.name)
        if file.is_dir() and (use_mtime or match):
            # Times of checkpoints may be equal.
            keys[str(file)] = (file.stat().st_mtime if use_mtime else 0.0, int(match[1]) if match else 0)
    ordered = sorted(keys, key=lambda path: keys[path])
    best = None if best_model_checkpoint is None else str(Path(best_model_checkpoint))
    if best in ordered[:-1]:
        ordered = [path for path in ordered[:-1] if path != best] + [str(best), ordered[-1]]
    return ordered
