"""Settings of training in several processes, as `TrainingArguments` has them."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError

if TYPE_CHECKING:
    import os

__all__ = ["AcceleratorConfig"]


@dataclass
class AcceleratorConfig:
    """How several processes share the batches of a data set; in one process only the sampler matters.

    Parameters
    ----------
    split_batches
        Whether the processes share a batch of the given size instead of having one each.
    dispatch_batches
        Whether the first process reads the data for all.
    even_batches
        Whether processes get equally many examples, by repeating some.
    use_seedable_sampler
        Whether the order of examples depends on seed and epoch alone.
    non_blocking
        Whether batches are copied to devices asynchronously.
    gradient_accumulation_kwargs
        `num_steps` replaces a `gradient_accumulation_steps` of 1.
    use_configured_state
        Whether a state that accelerate has made before is used.
    """

    split_batches: bool = field(default=False, metadata={"help": "Share one batch among the processes."})
    dispatch_batches: bool | None = field(default=None, metadata={"help": "Read data in the first process only."})
    even_batches: bool = field(default=True, metadata={"help": "Give processes equally many examples."})
    use_seedable_sampler: bool = field(default=True, metadata={"help": "Order examples by seed and epoch alone."})
    non_blocking: bool = field(default=False, metadata={"help": "Copy batches to devices asynchronously."})
    gradient_accumulation_kwargs: dict[str, Any] | None = field(
        default=None, metadata={"help": "num_steps replaces a gradient_accumulation_steps of 1."}
    )
    use_configured_state: bool = field(default=False, metadata={"help": "Use a state that accelerate has made."})

    @classmethod
    def from_json_file(cls, json_file: str | os.PathLike[str]) -> AcceleratorConfig:
        """Reads settings from a JSON file.

        Raises
        ------
        InputError
            The file has other keys.
        """
        keys = json.loads(Path(json_file).read_text(encoding="utf-8"))
        known = {one.name for one in fields(cls)}
        if unknown := sorted(keys.keys() - known):
            raise InputError(f"{json_file}: expected keys of {', '.join(sorted(known))}, found {', '.join(unknown)}")
        return cls(**keys)

    def to_dict(self) -> dict[str, Any]:
        """The settings by name."""
        return deepcopy(self.__dict__)

    def pop(self, key: str, default: Any = None) -> Any:
        """Removes a setting and returns it."""
        return self.__dict__.pop(key, default)
