"""The training loop of a trainer."""

from __future__ import annotations

import math
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from trustformers._checks.arguments import kind
from trustformers.errors import InputError, OutOfMemoryError
from trustformers.runtime.seed import enable_full_determinism, set_seed
from trustformers.training import trainer_states as files
from trustformers.training.checkpoints import TRAINER_STATE_NAME, get_last_checkpoint
from trustformers.training.loops import has_length
from trustformers.training.results import TrainOutput, speed_metrics
from trustformers.training.state import ExportableState, TrainerControl, TrainerState
from trustformers.training.strategies import IntervalStrategy
from trustformers.training.trainer_base import logger
from trustformers.training.trainer_epochs import EpochPlan, EpochsMixin
from trustformers.training.trainer_interrupts import Interrupts
from trustformers.training.trainer_special_tokens import align_special_tokens

__all__ = ["LoopMixin"]

# The factor of the batch size after memory ran out: find_executable_batch_size of accelerate.
_SMALLER = 0.9


class LoopMixin(EpochsMixin):
    """Trains the model."""

    # For type checkers, to which an assignment in a subclass is a declaration without a type.
    optimizer: Any
    lr_scheduler: Any
    state: TrainerState
    control: TrainerControl
    is_in_train: bool

    _initial_global_step: int

    def train(
        self,
        resume_from_checkpoint: str | bool | None = None,
        trial: Any = None,
        ignore_keys_for_eval: list[str] | None = None,
    ) -> TrainOutput:
        """Trains the model.

        Ctrl-C ends the training after the step, with a checkpoint if the arguments have `enable_jit_checkpoint`, and
        raises `KeyboardInterrupt`; a second one raises at once.

        Parameters
        ----------
        resume_from_checkpoint
            The directory of a checkpoint, or True for the last one in the output directory: training continues as if
            it had not stopped.
        trial
            None: there is no search of hyperparameters.
        ignore_keys_for_eval
            Outputs of the model that are no predictions, in evaluations during training.

        Returns
        -------
        TrainOutput
            The number of steps, the mean loss and metrics.

        Raises
        ------
        InputError
            The data set is missing, empty or without columns that the model takes; or there is no such checkpoint.
        OutOfMemoryError
            The machine has too little memory for a batch.
        """
        args = self.args
        self._was_trained = True
        if self.model_init is not None:
            (enable_full_determinism if args.full_determinism else set_seed)(args.seed)
            self._set_model(self.call_model_init(trial))
            self.optimizer, self.lr_scheduler = None, None
        if args.activation_checkpointing:
            options: Any = dict(args.activation_checkpointing_kwargs or {})  # type: ignore[arg-type]  # a dict by now
            own = {name: options.pop(name) for name in ("every_n_layers", "offload") if name in options}
            self.model.activation_checkpointing_enable(options or None, **own)
        if self.processing_class is not None:
            align_special_tokens(self.model, self.processing_class)
        if args.should_save:
            files.clean_up(Path(str(args.output_dir)))
        self._processes.world.barrier("begin of training")
        checkpoint = self._checkpoint_of(resume_from_checkpoint)
        if checkpoint is not None:
            self._check_checkpoint(checkpoint)
            self._load_from_checkpoint(checkpoint)
            size = TrainerState.load_from_json(Path(checkpoint) / TRAINER_STATE_NAME).train_batch_size
            if size is not None and args.auto_find_batch_size:
                self._train_batch_size = size
        self.is_in_train = True
        try:
            with Interrupts(args.enable_jit_checkpoint) as self._interrupts:
                output = self._with_batches_that_fit(checkpoint, trial, ignore_keys_for_eval)
        finally:
            self.is_in_train = False
        if self._interrupts.signal == signal.SIGINT:
            raise KeyboardInterrupt
        return output

    def _checkpoint_of(self, resume_from_checkpoint: str | bool | None) -> str | None:
        if resume_from_checkpoint is True:
            directory = str(self.args.output_dir)
            found = get_last_checkpoint(directory) if Path(directory).is_dir() else None
            if found is None:
                raise InputError(f"resume_from_checkpoint: expected a checkpoint in {directory}, found none")
            return found
        return None if resume_from_checkpoint in (None, False) else str(resume_from_checkpoint)

    def _with_batches_that_fit(self, checkpoint: str | None, trial: Any, ignored: list[str] | None) -> TrainOutput:
        """Trains, with smaller batches after memory ran out if the arguments ask for it."""
        while True:
            try:
                return self._inner_training_loop(
                    args=self.args, resume_from_checkpoint=checkpoint, trial=trial, ignore_keys_for_eval=ignored
                )
            except OutOfMemoryError:
                smaller = int(self._train_batch_size * _SMALLER)
                if not self.args.auto_find_batch_size or smaller == 0:
                    raise
                logger.warning("memory ran out: per_device_train_batch_size is %s from here on", smaller)
                self._train_batch_size = smaller
                self.model.zero_grad()

    def _inner_training_loop(
        self,
        batch_size: int | None = None,
        args: Any = None,
        resume_from_checkpoint: str | None = None,
        trial: Any = None,
        ignore_keys_for_eval: list[str] | None = None,
    ) -> TrainOutput:
        """Trains from the first step, or from that of a checkpoint."""
        args = self.args if args is None else args
        dataloader = self.get_train_dataloader()
        if not isinstance(dataloader, Iterable):
            raise InputError(f"get_train_dataloader(): expected an iterable of batches, found {kind(dataloader)}")
        num_train_epochs, updates, num_examples, num_train_samples, total_batch, steps_in_epoch, max_steps = (
            self.set_initial_training_values(args, dataloader)
        )
        self._check_evaluation_sets()
        self._check_metric()
        epochs_trained, skipped = self._init_training_state(
            max_steps, updates, num_train_epochs, resume_from_checkpoint, trial
        )
        self._prepare_for_training(max_steps, dataloader, resume_from_checkpoint)
        logger.info("***** Running training *****")
        logger.info("  Num examples = %s, epochs = %s, steps = %s", num_examples, num_train_epochs, max_steps)
        logger.info("  Batch size = %s, with accumulation %s", self._train_batch_size, total_batch)
        logger.info("  Number of trainable parameters = %s", self.get_num_trainable_parameters())
        start = time.time()
        self._processes.begin(self.model, self.train_dataset)
        self._initial_num_input_tokens_seen = self.state.num_input_tokens_seen
        self._initial_global_step = self._globalstep_last_logged = self.state.global_step
        self._tr_loss = self._total_loss_scalar = 0.0
        self._not_finite = []
        self._restore_losses(resume_from_checkpoint)
        self.model.zero_grad()
        self.control = self.callback_handler.on_train_begin(args, self.state, self.control)
        if args.eval_on_start:
            self._evaluate(trial, ignore_keys_for_eval, skip_scheduler=True)
        plan = EpochPlan(steps_in_epoch, updates, start, ignore_keys_for_eval)
        for epoch in range(epochs_trained, num_train_epochs):
            # A checkpoint may have all steps.
            if self.state.global_step >= max_steps:
                break
            self.control = self.callback_handler.on_epoch_begin(args, self.state, self.control)
            first = skipped if epoch == epochs_trained else 0
            self._run_epoch(epoch, dataloader, first, plan)
            if self.control.should_training_stop:
                break
        return self._finalize_training(num_train_samples, start)

    def get_total_train_batch_size(self, args: Any) -> int:
        """The number of examples of a step."""
        return int(self._train_batch_size * args.gradient_accumulation_steps * args.world_size)

    def set_initial_training_values(self, args: Any, dataloader: Any) -> tuple[int, int, int, float, int, int, int]:
        """The epochs, steps in an epoch, examples, examples altogether, examples of a step, batches and steps.

        Raises
        ------
        InputError
            The data has no length, and the arguments no number of steps; or there is not one batch.
        """
        accumulated = args.gradient_accumulation_steps
        total = self.get_total_train_batch_size(args)
        batches = len(dataloader) if has_length(dataloader) else None
        if batches is None:
            if args.max_steps <= 0:
                raise InputError("max_steps: missing; it is needed for a data set without a length")
            samples = args.max_steps * total
            return sys.maxsize, args.max_steps, samples, samples, total, args.max_steps * accumulated, args.max_steps
        if batches == 0:
            if not args.dataloader_drop_last:
                raise InputError("train_dataset: the data loader of get_train_dataloader() has no batches")
            raise InputError(
                f"train_dataset: with dataloader_drop_last=True there is not one batch of {self._train_batch_size}"
            )
        updates = max(-(-batches // accumulated), 1)
        examples = self.num_examples(dataloader)
        if args.max_steps > 0:
            return (
                -(-args.max_steps // updates),
                updates,
                examples,
                args.max_steps * total,
                total,
                batches,
                args.max_steps,
            )
        steps = math.ceil(args.num_train_epochs * updates)
        epochs = math.ceil(args.num_train_epochs)
        return epochs, updates, examples, examples * args.num_train_epochs, total, batches, steps

    def _check_metric(self) -> None:
        """Checks that evaluations report the metric that selects the best model.

        Raises
        ------
        InputError
            They do not.
        """
        name = self._metric_name
        if name is None or self.args.eval_strategy == IntervalStrategy.NO:
            return
        own = (EpochsMixin.evaluate, EpochsMixin.evaluation_loop, EpochsMixin.prediction_step)
        if (type(self).evaluate, type(self).evaluation_loop, type(self).prediction_step) != own:
            return
        reported = self._reported_by_evaluation()
        if reported is not None and name not in reported:
            why = "" if self.compute_metrics is not None else "; pass compute_metrics for others"
            if not any(known.endswith("_loss") for known in reported):
                why = f"; losses and metrics need {', '.join(self.label_names) or 'labels'} in eval_dataset"
            raise InputError(
                f"metric_for_best_model: expected one of the metrics that evaluations report, "
                f"{', '.join(sorted(reported))}, found {self.args.metric_for_best_model!r}{why}"
            )

    def _init_training_state(
        self,
        max_steps: int,
        num_update_steps_per_epoch: int,
        num_train_epochs: int,
        resume_from_checkpoint: str | None,
        trial: Any,
    ) -> tuple[int, int]:
        """Begins a state, or loads that of a checkpoint; returns its epochs, and its batches of the next."""
        callbacks = [*self.callback_handler.callbacks, self.control]
        self.state = TrainerState(stateful_callbacks=[one for one in callbacks if isinstance(one, ExportableState)])
        self.state.train_batch_size = self._train_batch_size
        self.state.compute_steps(self.args, max_steps)
        epochs, batches = 0, 0
        if resume_from_checkpoint is not None:
            path = Path(resume_from_checkpoint) / TRAINER_STATE_NAME
            loaded = TrainerState.load_from_json(path)
            self._compare(loaded)
            self.state = loaded
            if loaded.best_model_checkpoint is not None and not Path(loaded.best_model_checkpoint).is_dir():
                logger.warning("the best checkpoint %s is not there any more", loaded.best_model_checkpoint)
                loaded.best_model_checkpoint = None
            self._load_callback_state()
            epochs, steps = divmod(loaded.global_step, num_update_steps_per_epoch)
            if not self.args.ignore_data_skip:
                batches = steps * self.args.gradient_accumulation_steps
        self.state.init_training_references(self, max_steps, num_train_epochs, trial)
        return epochs, batches

    def _compare(self, loaded: TrainerState) -> None:
        """Warns of arguments that differ from those of a checkpoint."""
        names = ("logging_steps", "eval_steps", "save_steps", "train_batch_size")
        differing = [
            f"{name}: {getattr(self.state, name)}, {getattr(loaded, name)} in the checkpoint"
            for name in names
            if None not in (getattr(self.state, name), getattr(loaded, name))
            and getattr(self.state, name) != getattr(loaded, name)
        ]
        if differing:
            logger.warning("arguments differ from those of the checkpoint: %s", "; ".join(differing))

    def _prepare_for_training(self, max_steps: int, train_dataloader: Any, resume_from_checkpoint: str | None) -> None:
        """Makes the optimizer and the schedule, and loads their states."""
        if self._created_lr_scheduler:
            self.lr_scheduler, self._created_lr_scheduler = None, False
        self.create_optimizer_and_scheduler(num_training_steps=max_steps)
        self._check_optimizer()
        self._load_optimizer_and_scheduler(resume_from_checkpoint)
        self._resumed = None if resume_from_checkpoint is None else self._load_rng_state(resume_from_checkpoint)
        handler = self.callback_handler
        handler.model, handler.optimizer, handler.lr_scheduler = self.model, self.optimizer, self.lr_scheduler
        handler.train_dataloader = train_dataloader

    def _restore_losses(self, resume_from_checkpoint: str | None) -> None:
        """Continues the mean loss of the steps since the last log, so that the log is that of one training."""
        losses = None if self._resumed is None else self._resumed.get("losses")
        if losses is not None:
            self._tr_loss, self._globalstep_last_logged = losses
            # Losses of steps before this call are no part of its mean loss.
            self._total_loss_scalar = -self._tr_loss

    def _finalize_training(self, num_train_samples: float, start_time: float) -> TrainOutput:
        """Logs the metrics of the training, and loads the best model if the arguments ask for it."""
        self._total_loss_scalar += self._processes.mean(self._tr_loss)
        steps = self.state.global_step - self._initial_global_step
        train_loss = self._total_loss_scalar / max(steps, 0.001)
        samples = num_train_samples * steps / max(self.state.max_steps, 1)
        metrics = speed_metrics("train", start_time, num_samples=samples, num_steps=steps)  # type: ignore[arg-type]
        self.store_flos()
        metrics["total_flos"] = self.state.total_flos
        metrics["train_loss"] = train_loss
        self.log(metrics)
        best = self.state.best_model_checkpoint
        if best is not None and self.args.load_best_model_at_end:
            self._load_best_model()
        if best is not None and self.args.save_total_limit == 1:
            self._remove_checkpoints_but(best)
        self.control = self.callback_handler.on_train_end(self.args, self.state, self.control)
        return TrainOutput(self.state.global_step, train_loss, metrics)

    def _set_model(self, model: Any) -> None:
        raise NotImplementedError

    def call_model_init(self, trial: Any = None) -> Any:
        """A model of `model_init`."""
        raise NotImplementedError
