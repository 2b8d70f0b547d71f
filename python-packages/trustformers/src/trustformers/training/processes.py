"""What a trainer shares with those of other processes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from trustformers.distributed.agreement import broadcast_weights, check_agreement, weights_of
from trustformers.distributed.gradients import average_gradients
from trustformers.distributed.world import world
from trustformers.errors import UnsupportedError
from trustformers.runtime.generators import default_generator
from trustformers.training.loops import has_length
from trustformers.training.random_states import random_states, restore_random_states
from trustformers.training.sharded_optimizer import ZeroRedundancyOptimizer
from trustformers.utils import logging

if TYPE_CHECKING:
    from trustformers.distributed.world import World
    from trustformers.training.arguments import TrainingArguments
    from trustformers.training.state import TrainerControl

__all__ = ["Processes", "check_processes"]

logger: logging.Logger = logging.get_logger(__name__)
_CONTROLS = ("should_training_stop", "should_epoch_stop", "should_save", "should_evaluate", "should_log")
# Settings that may differ between processes.
_OWN_SETTINGS = frozenset({"output_dir", "local_rank", "run_name", "logging_dir", "disable_tqdm", "use_cpu"})


def _digest_of_first(dataset: Any) -> str | None:
    """A digest of the first example of a data set that has an index; None of others."""
    if not has_length(dataset) or len(dataset) == 0 or not hasattr(dataset, "__getitem__"):
        return None
    states = random_states()
    try:
        return hashlib.sha256(repr(dataset[0]).encode()).hexdigest()
    finally:
        restore_random_states(states)


def check_processes(args: TrainingArguments) -> None:
    """Refuses settings that several processes do not support.

    Raises
    ------
    UnsupportedError
        There are several processes, and a setting needs one.
    """
    if args.world_size == 1:
        return
    accelerator: Any = args.accelerator_config
    refused = {
        "fp16 with optim_shard": args.optim_shard and args.fp16,
        "auto_find_batch_size": args.auto_find_batch_size,
        "split_batches of accelerator_config": accelerator.split_batches,
        "dispatch_batches of accelerator_config": accelerator.dispatch_batches,
        "even_batches=False of accelerator_config": not accelerator.even_batches,
    }
    for name, is_set in refused.items():
        if is_set:
            raise UnsupportedError(f"not supported: {name} in {args.world_size} processes; leave it out")


class Processes:
    """The processes that train one model, of which each has a `Trainer`; in one process nothing is shared.

    Parameters
    ----------
    args
        The settings.
    """

    def __init__(self, args: TrainingArguments) -> None:
        self.world: World = world()
        self.world.timeout = float(args.ddp_timeout)
        self._args = args

    def begin(self, model: Any, dataset: Any) -> None:
        """Checks that the processes agree, and gives all of them the weights of the first.

        Raises
        ------
        InputError
            They differ in the model, the data or the settings.
        """
        if self.world.size == 1:
            return
        named = dict(model.named_parameters())
        settings = {
            f"args.{name}": value if isinstance(value, (int, float, str, type(None))) else str(value)
            for name, value in self._args.to_dict().items()
            if name not in _OWN_SETTINGS
        }
        data = {"the number of examples of train_dataset": len(dataset) if has_length(dataset) else None}
        check_agreement(self.world, {**weights_of(named), **data, **settings})
        first = self.world.gather(_digest_of_first(dataset), "comparison of the ranks")
        differing = [rank for rank, found in enumerate(first) if found != first[0]]
        if differing and self.world.is_first:
            # Examples may be changed at random when they are read, so this is no error.
            logger.warning(
                "train_dataset: the first example of rank 0 is not that of rank %s; each rank takes its part of the "
                "same data in the same order",
                ", ".join(map(str, differing)),
            )
        self.broadcast_weights(model)

    def broadcast_weights(self, model: Any) -> None:
        """Gives all processes the weights of the first."""
        broadcast_weights(self.world, dict(model.named_parameters()))

    def average_gradients(self, model: Any, optimizer: Any) -> None:
        """Replaces the gradients by their means over all processes: all of them, or those of the optimizer's share."""
        if isinstance(optimizer, ZeroRedundancyOptimizer):
            optimizer.reduce_gradients(self._args.ddp_bucket_cap_mb)
        elif self.world.size > 1:
            trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
            average_gradients(self.world, trained, self._args.ddp_bucket_cap_mb)

    def share_controls(self, control: TrainerControl, interrupt: int | None) -> int | None:
        """Sets what a callback of any process has asked for in all of them; returns the interrupt of any."""
        if self.world.size == 1:
            return interrupt
        own = [int(getattr(control, name)) for name in _CONTROLS]
        *found, signal = self.world.largest([*own, interrupt or 0], "end of a training step")
        for name, is_set in zip(_CONTROLS, found, strict=True):
            setattr(control, name, bool(is_set))
        return signal or None

    def share_generator(self) -> None:
        """Gives all processes the generator of the first, from which orders of examples follow."""
        if self.world.size > 1:
            state = self.world.broadcast(default_generator.get_state(), what="begin of an epoch")
            if not self.world.is_first:
                default_generator.set_state(state)

    def mean(self, value: float) -> float:
        """The mean of a number over the processes."""
        return self.world.total(value) / self.world.size if self.world.size > 1 else value
