"""What `TrainingArguments` say of the process, its device and its share of the work."""

from __future__ import annotations

import dataclasses
import json
import math
from contextlib import contextmanager
from datetime import timedelta
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trustformers.distributed.world import world
from trustformers.runtime.device import Device
from trustformers.training.accelerator import AcceleratorConfig
from trustformers.training.strategies import ParallelMode
from trustformers.utils import logging
from trustformers.utils.conversions import strtobool

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Process", "log_levels", "str_to_bool", "trainer_log_levels"]

log_levels: dict[str, int] = dict(logging.log_levels)
trainer_log_levels: dict[str, int] = {**log_levels, "passive": -1}


def str_to_bool(value: str, to_bool: bool = True) -> int | bool:
    """The bool that a text names, or 1 and 0 without `to_bool`: yes, true, on and 1, or no, false, off and 0."""
    return bool(strtobool(value)) if to_bool else strtobool(value)


class Process:
    """Properties of settings: each process trains on one device."""

    per_device_train_batch_size: int
    per_device_eval_batch_size: int
    ddp_timeout: int
    log_on_each_node: bool
    save_on_each_node: bool
    use_cpu: bool
    log_level: str
    log_level_replica: str
    warmup_steps: float
    # What accelerate, DeepSpeed and FSDP would add.
    distributed_state = None
    deepspeed_plugin = None
    hf_deepspeed_config = None
    fsdp_plugin_args = None
    # Scripts of transformers 4 read it.
    overwrite_output_dir = False

    @property
    def train_batch_size(self) -> int:
        """The examples in a batch of training."""
        return self.per_device_train_batch_size * max(1, self.n_gpu)

    @property
    def eval_batch_size(self) -> int:
        """The examples in a batch of evaluation."""
        return self.per_device_eval_batch_size * max(1, self.n_gpu)

    @property
    def ddp_timeout_delta(self) -> timedelta:
        """The time that processes wait for each other."""
        return timedelta(seconds=self.ddp_timeout)

    @cached_property
    def _setup_devices(self) -> Device:
        return Device.cpu() if self.use_cpu else Device.auto()

    @property
    def device(self) -> Device:
        """The device that the training runs on: the best available one, or the cpu with `use_cpu`."""
        return self._setup_devices

    @property
    def n_gpu(self) -> int:
        """The number of GPUs that the training uses: 1, or 0 on the cpu."""
        return 0 if self.device.is_cpu() else 1

    @property
    def parallel_mode(self) -> ParallelMode:
        """How devices work together: in several processes, or not at all."""
        return ParallelMode.DISTRIBUTED if self.world_size > 1 else ParallelMode.NOT_PARALLEL

    @property
    def world_size(self) -> int:
        """The number of processes."""
        return world().size

    @property
    def process_index(self) -> int:
        """The index of this process."""
        return world().rank

    @property
    def local_process_index(self) -> int:
        """The index of this process on its machine."""
        return world().local_rank

    @property
    def should_log(self) -> bool:
        """Whether this process logs."""
        return (self.local_process_index if self.log_on_each_node else self.process_index) == 0

    @property
    def should_save(self) -> bool:
        """Whether this process writes checkpoints."""
        return (self.local_process_index if self.save_on_each_node else self.process_index) == 0

    @property
    def place_model_on_device(self) -> bool | None:
        """Whether the model is moved to the device; None leaves it to the `Trainer`."""
        return None

    @property
    def _no_sync_in_gradient_accumulation(self) -> bool:
        return True

    def get_process_log_level(self) -> int:
        """The level of logs of this process."""
        level = trainer_log_levels[self.log_level if self.should_log else self.log_level_replica]
        return logging.get_verbosity() if level == -1 else level

    @contextmanager
    def main_process_first(self, local: bool = True, desc: str = "work") -> Iterator[None]:
        """A block that the first process runs before the others: of each machine, or with `local=False` of all."""
        is_first = (self.local_process_index if local else self.process_index) == 0
        if not is_first:
            world().barrier(f"{desc} of the first process")
        try:
            yield
        finally:
            if is_first:
                world().barrier(f"{desc} of the first process")

    def get_warmup_steps(self, num_training_steps: int) -> int:
        """The number of steps until the highest learning rate."""
        if self.warmup_steps >= 1:
            return int(self.warmup_steps)
        return math.ceil(num_training_steps * self.warmup_steps)

    def to_dict(self) -> dict[str, Any]:
        """The settings by name, as JSON has them; tokens are left out."""
        fields: dict[str, Any] = {
            one.name: _plain(getattr(self, one.name))
            for one in dataclasses.fields(self)  # type: ignore[arg-type]  # the class of the settings is a dataclass
            if one.init
        }
        return {name: f"<{name.upper()}>" if name.endswith("_token") else value for name, value in fields.items()}

    def to_json_string(self) -> str:
        """The settings as JSON."""
        return json.dumps(self.to_dict(), indent=2)

    def to_sanitized_dict(self) -> dict[str, Any]:
        """The settings and sizes of batches as numbers and texts, for services."""
        found = {
            **self.to_dict(),
            "train_batch_size": self.train_batch_size,
            "eval_batch_size": self.eval_batch_size,
        }
        return {name: value if type(value) in (bool, int, float, str) else str(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, AcceleratorConfig):
        return value.to_dict()
    if isinstance(value, dict):
        return {
            name: str(found).rpartition(".")[2] if name == "dtype" and found is not None else _plain(found)
            for name, found in value.items()
        }
    return [_plain(found) for found in value] if isinstance(value, list) else value
