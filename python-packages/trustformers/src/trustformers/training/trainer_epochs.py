"""The epochs of a trainer: its batches, steps and losses, and what follows a step."""

from __future__ import annotations

import math
import signal
from collections.abc import Generator
from contextlib import closing
from typing import Any, NamedTuple

from trustformers.errors import InputError
from trustformers.runtime import dropout
from trustformers.training.dataloader import DataLoader, skip_first_batches
from trustformers.training.random_states import restore_random_states
from trustformers.training.state import TrainerControl
from trustformers.training.strategies import SaveStrategy
from trustformers.training.trainer_base import logger
from trustformers.training.trainer_checkpoints import CheckpointsMixin
from trustformers.training.trainer_interrupts import Interrupts

__all__ = ["EpochPlan", "EpochsMixin"]


class EpochPlan(NamedTuple):
    """The batches and steps of an epoch, when training began, and outputs that are no predictions."""

    num_batches: int
    num_steps: int
    start_time: float
    ignored_outputs: list[str] | None


class EpochsMixin(CheckpointsMixin):
    """Takes the steps of an epoch."""

    # For type checkers, to which an assignment in a subclass is a declaration without a type.
    control: TrainerControl
    current_flos: float
    current_gradient_accumulation_steps: int

    _interrupts: Interrupts
    _total_loss_scalar: float
    # Steps since the last log whose losses were not finite.
    _not_finite: list[int]
    # What a resumed epoch begins with: states of generators, and of a data loader; None for other epochs.
    _resumed: dict[str, Any] | None

    def _batches(self, dataloader: Any, epoch: int, first: int) -> Generator[Any]:
        """The batches of an epoch from the index `first` on."""
        resumed, self._resumed = self._resumed, None
        if hasattr(dataloader, "set_epoch"):
            dataloader.set_epoch(epoch)
        self._processes.share_generator()
        place = None if resumed is None else resumed["loader"]
        if resumed is not None and "dropout" in resumed:
            dropout.restore(resumed["dropout"])
        if isinstance(dataloader, DataLoader) and place is not None:
            start = {"start": None, "next": None} if first == 0 else {}
            dataloader.load_state_dict({**place, "batches": first, **start})
            yield from dataloader
            return
        for index, batch in enumerate(skip_first_batches(dataloader, first) if first else dataloader):
            if index == 0 and resumed is not None:
                restore_random_states(resumed["states"], self.data_collator)
            yield batch

    def _run_epoch(self, epoch: int, dataloader: Any, first: int, plan: EpochPlan) -> None:
        """Takes the steps of an epoch, of whose batches the first ones are left out.

        Raises
        ------
        InputError
            The data set gives no examples.
        """
        accumulated = self.args.gradient_accumulation_steps
        remainder = plan.num_batches % accumulated or accumulated
        taken = first
        norm, rate = None, None
        with closing(self._batches(dataloader, epoch, first)) as batches:
            for update in range(first // accumulated, plan.num_steps):
                count = accumulated if update != plan.num_steps - 1 else remainder
                samples, items = self.get_batch_samples(batches, count, self.args.device)
                if not samples:
                    break
                self.control = self.callback_handler.on_step_begin(self.args, self.state, self.control)
                taken += len(samples)
                norm, rate = self._update(samples, items)
                self.state.epoch = epoch + taken / plan.num_batches
                self.control = self.callback_handler.on_step_end(self.args, self.state, self.control)
                self._share_controls()
                self._heed_interrupt()
                self._maybe_log_save_evaluate(norm, rate, plan)
                if self.control.should_epoch_stop or self.control.should_training_stop:
                    break
        if taken == 0:
            if self.state.global_step == 0:
                raise InputError("train_dataset: gave no examples")
            logger.warning("the data set gave no examples; training ends at step %s", self.state.global_step)
            self.control.should_training_stop = True
        self.control = self.callback_handler.on_epoch_end(self.args, self.state, self.control)
        if self._interrupts.signal is not None:
            self.control.should_evaluate = self.control.should_save = False
        self._maybe_log_save_evaluate(norm, rate, plan)

    def _update(self, samples: list[Any], items: Any) -> tuple[float, float]:
        """Takes a step with the gradients of some batches; returns their norm and the learning rate."""
        self.current_gradient_accumulation_steps = len(samples)
        for index, inputs in enumerate(samples):
            loss = float(self.training_step(self.model, inputs, items))
            self._add_loss(loss)
            self.current_flos += self.floating_point_ops(inputs)
            self._track_num_input_tokens(inputs)
            if index < len(samples) - 1:
                self.control = self.callback_handler.on_substep_end(self.args, self.state, self.control)
        self._processes.average_gradients(self.model, self.optimizer)
        norm = self._clip()
        self.control = self.callback_handler.on_pre_optimizer_step(self.args, self.state, self.control)
        was_taken = self._optimizer_step()
        self.control = self.callback_handler.on_optimizer_step(self.args, self.state, self.control)
        rate = self._get_learning_rate()
        if was_taken and not self._waits_for_metrics:
            self.lr_scheduler.step()
        self.model.zero_grad()
        self.state.global_step += 1
        return norm, rate

    def _add_loss(self, loss: float) -> None:
        """Adds a loss to those since the last log; names the step of one that is not finite."""
        if math.isfinite(loss):
            self._tr_loss += loss
            return
        step = self.state.global_step + 1
        if not self._not_finite:
            logger.warning("step %s: the loss is %s; lower the learning rate, or check the batch", step, loss)
        if step not in self._not_finite[-1:]:
            self._not_finite.append(step)
        if self.args.logging_nan_inf_filter:
            self._tr_loss += self._tr_loss / (1 + self.state.global_step - self._globalstep_last_logged)
        else:
            self._tr_loss += loss

    def _share_controls(self) -> None:
        self._interrupts.signal = self._processes.share_controls(self.control, self._interrupts.signal)

    def _heed_interrupt(self) -> None:
        """Ends training after a signal, with a checkpoint if the arguments ask for it."""
        if self._interrupts.signal is None:
            return
        self.control.should_training_stop = True
        if self.args.enable_jit_checkpoint:
            self.control.should_save = True
        elif self._interrupts.signal == signal.SIGINT:
            self.control.should_evaluate = self.control.should_save = False

    def _maybe_log_save_evaluate(self, grad_norm: float | None, learning_rate: float | None, plan: EpochPlan) -> None:
        """Logs, evaluates and saves a checkpoint, whichever is due."""
        if self.control.should_log and self.state.global_step > self._globalstep_last_logged:
            mean_loss = self._processes.mean(self._tr_loss)
            logs = {"loss": mean_loss / (self.state.global_step - self._globalstep_last_logged)}
            if grad_norm is not None:
                logs["grad_norm"] = grad_norm
            logs["learning_rate"] = self._get_learning_rate() if learning_rate is None else learning_rate
            if len(self._not_finite) > 1:
                logger.warning("the losses of these steps were not finite: %s", ", ".join(map(str, self._not_finite)))
            self._not_finite = []
            self._total_loss_scalar += mean_loss
            self._tr_loss = 0.0
            self._globalstep_last_logged = self.state.global_step
            self.store_flos()
            self.log(logs, plan.start_time)
        if self.control.should_evaluate:
            is_best = self._determine_best_metric(self._evaluate(None, plan.ignored_outputs))
            if self.args.save_strategy == SaveStrategy.BEST:
                self.control.should_save = is_best
        if self.control.should_save:
            self._save_checkpoint(self.model, None)
            self.control = self.callback_handler.on_save(self.args, self.state, self.control)
