"""Saving a trainer's model and checkpoints, and resuming from them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from trustformers import safetensors
from trustformers.errors import InputError
from trustformers.runtime import dropout
from trustformers.training import trainer_states as files
from trustformers.training.checkpoints import PREFIX_CHECKPOINT_DIR, TRAINER_STATE_NAME, sort_checkpoints
from trustformers.training.dataloader import DataLoader
from trustformers.training.random_states import plain, random_states
from trustformers.training.sharded_optimizer import ZeroRedundancyOptimizer
from trustformers.training.state import ExportableState, TrainerControl
from trustformers.training.strategies import SaveStrategy
from trustformers.training.trainer_base import logger
from trustformers.training.trainer_evaluation import EvaluationMixin
from trustformers.utils.hub_files import ADAPTER_SAFE_WEIGHTS_NAME, SAFE_WEIGHTS_INDEX_NAME, SAFE_WEIGHTS_NAME

__all__ = ["TRAINING_ARGS_FILE", "CheckpointsMixin", "rotate_checkpoints"]

TRAINING_ARGS_FILE = "training_args.json"
# Key of the number of skipped steps beside the state of the scaler.
_SKIPPED = "num_skipped_steps"
_OTHER_STATES = ("optimizer.pt", "scheduler.pt")


def rotate_checkpoints(
    output_dir: str,
    save_total_limit: int | None = None,
    best_model_checkpoint: str | None = None,
    use_mtime: bool = False,
    checkpoint_prefix: str = PREFIX_CHECKPOINT_DIR,
) -> None:
    """Deletes the oldest checkpoints until a number is left; the last one and the best one stay.

    Parameters
    ----------
    output_dir
        The directory of the checkpoints.
    save_total_limit
        The number; None keeps all.
    best_model_checkpoint
        The best one.
    use_mtime
        Whether the oldest ones are those that were changed the longest ago, instead of those of the fewest steps.
    checkpoint_prefix
        The beginning of the checkpoints' names.
    """
    if save_total_limit is None or save_total_limit <= 0:
        return
    found = sort_checkpoints(output_dir, checkpoint_prefix, use_mtime)
    if not found:
        return
    kept = {found[-1], *([] if best_model_checkpoint is None else [str(Path(best_model_checkpoint))])}
    surplus = len(found) - max(save_total_limit, len(kept))
    for path in [path for path in found if path not in kept][: max(surplus, 0)]:
        logger.info("%s is deleted for save_total_limit=%s", path, save_total_limit)
        files.remove_checkpoint(Path(path))


class CheckpointsMixin(EvaluationMixin):
    """Saves the model and checkpoints, and loads them."""

    # For type checkers, to which an assignment in a subclass is a declaration without a type.
    control: TrainerControl

    # The sum of the losses since the last log, and the step of that log.
    _tr_loss: float
    _globalstep_last_logged: int

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Writes the model, the tokenizer and the arguments, so that `from_pretrained` can load the model.

        Parameters
        ----------
        output_dir
            The directory, by default that of the arguments.
        """
        if self.args.should_save:
            self._save(self.args.output_dir if output_dir is None else output_dir)

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        """Writes the model, the tokenizer and the arguments."""
        directory = Path(self.args.output_dir if output_dir is None else output_dir)  # type: ignore[arg-type]  # is set
        directory.mkdir(parents=True, exist_ok=True)
        if hasattr(self.model, "save_pretrained"):
            self.model.save_pretrained(directory)
        else:
            weights = self.model.state_dict() if state_dict is None else state_dict
            safetensors.save_file(weights, directory / SAFE_WEIGHTS_NAME, {"format": "pt"})
        processing = self.processing_class or getattr(self.data_collator, "tokenizer", None)
        if processing is not None:
            processing.save_pretrained(directory)
        (directory / TRAINING_ARGS_FILE).write_text(self.args.to_json_string() + "\n", encoding="utf-8")

    def _save_checkpoint(self, model: Any = None, trial: Any = None) -> None:
        """Writes a checkpoint, which gets its name when all its files are written, and deletes those over the limit."""
        self.store_flos()
        run_dir = str(self.args.output_dir)
        target = Path(run_dir) / f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}"
        best = self.state.best_global_step
        if best and self.args.save_strategy != SaveStrategy.NO:
            path = Path(run_dir) / f"{PREFIX_CHECKPOINT_DIR}-{best}"
            if path == target or path.is_dir():
                self.state.best_model_checkpoint = str(path)
        self.state.stateful_callbacks |= self._stateful()
        world = self._processes.world
        states = None if self.args.save_only_model else world.gather(self._random_states(), "saving of a checkpoint")
        if isinstance(self.optimizer, ZeroRedundancyOptimizer) and states is not None:
            self.optimizer.consolidate_state_dict()
        if self.args.should_save:
            with files.replaced(target) as directory:
                self.save_model(str(directory), _internal_call=True)
                if states is not None:
                    self._save_optimizer_and_scheduler(directory)
                    for rank, found in enumerate(states):
                        files.save_json(directory / files.random_file(rank), found)
                self.state.save_to_json(directory / TRAINER_STATE_NAME)
            rotate_checkpoints(run_dir, self.args.save_total_limit, self.state.best_model_checkpoint, use_mtime=True)
        self.state.best_model_checkpoint = world.broadcast(
            self.state.best_model_checkpoint, what="saving of a checkpoint"
        )

    def _stateful(self) -> dict[str, Any]:
        """The states of callbacks by the names of their classes."""
        found: dict[str, Any] = {}
        for callback in [*self.callback_handler.callbacks, self.control]:
            if isinstance(callback, ExportableState):
                name = type(callback).__name__
                before = found.get(name)
                state = callback.state()
                if before is None:
                    found[name] = state
                else:
                    found[name] = [*(before if isinstance(before, list) else [before]), state]
        return found

    def _names_of_parameters(self) -> dict[int, str]:
        return {id(parameter): name for name, parameter in self.model.named_parameters()}

    def _save_optimizer_and_scheduler(self, output_dir: str | os.PathLike[str]) -> None:
        """Writes the states of the optimizer, the schedule and the scaler of gradients."""
        directory = Path(output_dir)
        files.save_optimizer(directory / files.OPTIMIZER_FILE, self.optimizer, self._names_of_parameters())
        files.save_json(directory / files.SCHEDULER_FILE, self.lr_scheduler.state_dict())
        if self.scaler is not None:
            files.save_json(
                directory / files.SCALER_FILE, {**self.scaler.state_dict(), _SKIPPED: self.scaler.num_skipped_steps}
            )

    def _random_states(self) -> dict[str, Any]:
        """The states of random number generators, the place in the data, and losses that are not logged yet."""
        loader = self.callback_handler.train_dataloader
        return {
            "loader": loader.state_dict() if isinstance(loader, DataLoader) else None,
            "states": plain(random_states(self.data_collator)),
            "dropout": dropout.state(),
            "losses": [self._processes.mean(self._tr_loss), self._globalstep_last_logged],
        }

    def _check_checkpoint(self, directory: str) -> None:
        """Checks that a directory is a checkpoint from which training can resume.

        Raises
        ------
        InputError
            It is not; the message says what is missing.
        """
        path = Path(directory)
        if not path.is_dir():
            raise InputError(f"resume_from_checkpoint: expected a directory, found {directory}")
        adapters = self._adapter_directories(path)
        if adapters is None and not any(
            (path / name).is_file() for name in (SAFE_WEIGHTS_NAME, SAFE_WEIGHTS_INDEX_NAME)
        ):
            raise InputError(f"resume_from_checkpoint: {directory} has no {SAFE_WEIGHTS_NAME}")
        for place in (adapters or {}).values():
            if not (place / ADAPTER_SAFE_WEIGHTS_NAME).is_file():
                raise InputError(f"resume_from_checkpoint: {place} has no {ADAPTER_SAFE_WEIGHTS_NAME}")
        if not (path / TRAINER_STATE_NAME).is_file():
            raise InputError(
                f"resume_from_checkpoint: {directory} has no {TRAINER_STATE_NAME}, only a model; load it with "
                "from_pretrained, and train without resume_from_checkpoint"
            )
        for name in (files.OPTIMIZER_FILE, files.SCHEDULER_FILE):
            if (path / name).is_file():
                continue
            of_torch = next((other for other in _OTHER_STATES if (path / other).is_file()), None)
            if of_torch is not None:
                raise InputError(
                    f"resume_from_checkpoint: {directory} is a checkpoint of transformers, whose {of_torch} is a "
                    "pickle; load its model with from_pretrained, and train without resume_from_checkpoint"
                )
            raise InputError(
                f"resume_from_checkpoint: {directory} has no {name}: it was saved with save_only_model=True, and "
                "training cannot continue from it as if it had not stopped"
            )

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Loads the weights of a checkpoint."""
        model = self.model if model is None else model
        directory = Path(resume_from_checkpoint)
        adapters = self._adapter_directories(directory, model)
        if adapters is not None:
            is_training = model.training
            # A model that has adapters itself replaces the weights of one only if it is asked to.
            options: dict[str, Any] = {} if hasattr(model, "get_base_model") else {"hotswap": True}
            for name, place in adapters.items():
                model.load_adapter(place, name, is_trainable=True, **options)
            model.train(is_training)
            return
        weights: dict[str, Any] = {}
        if (directory / SAFE_WEIGHTS_NAME).is_file():
            weights = dict(safetensors.load_file(directory / SAFE_WEIGHTS_NAME))
        else:
            for name in sorted(set(files.load_json(directory / SAFE_WEIGHTS_INDEX_NAME)["weight_map"].values())):
                weights |= safetensors.load_file(directory / name)
        missing, unexpected = model.load_state_dict(weights, False)
        for names, what in ((missing, "missing in"), (unexpected, "unexpected in")):
            if names:
                logger.warning("weights that are %s %s: %s", what, directory, ", ".join(names))

    def _adapter_directories(self, directory: Path, model: Any = None) -> dict[str, Path] | None:
        """Where a checkpoint has the model's adapters, by name; None for a model without adapters."""
        model = self.model if model is None else model
        known = getattr(model, "peft_config", None)
        if not known:
            return None
        if not hasattr(model, "get_base_model"):
            return {model.active_adapters()[0]: directory}
        return {name: directory if name == "default" else directory / name for name in known}

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        """Loads the states of the optimizer, the schedule and the scaler of gradients."""
        if checkpoint is None:
            return
        directory = Path(checkpoint)
        files.load_optimizer(directory / files.OPTIMIZER_FILE, self.optimizer, self._names_of_parameters())
        self.lr_scheduler.load_state_dict(files.load_json(directory / files.SCHEDULER_FILE))
        if self.scaler is not None and (directory / files.SCALER_FILE).is_file():
            state = files.load_json(directory / files.SCALER_FILE)
            self.scaler.load_state_dict(state)
            self.scaler.num_skipped_steps = state.get(_SKIPPED, 0)

    def _load_rng_state(self, checkpoint: str | None) -> dict[str, Any] | None:
        """What `_random_states` gave when the checkpoint was saved; None if the checkpoint has no such file."""
        own = files.random_file(self.args.process_index)
        path = None if checkpoint is None else Path(checkpoint) / own
        if path is not None and not path.is_file():
            # The checkpoint of fewer processes.
            path = path.with_name(files.random_file(0))
        if path is None or not path.is_file():
            logger.warning("%s has no states of random number generators", checkpoint)
            return None
        found: dict[str, Any] = files.load_json(path)
        return found

    def _load_best_model(self) -> None:
        """Loads the weights of the best checkpoint."""
        best = str(self.state.best_model_checkpoint)
        logger.info("the best model, of %s=%s, is loaded", self.args.metric_for_best_model, self.state.best_metric)
        if self.args.process_index and not Path(best).is_dir():
            # A machine without the files; it gets the weights of the first process.
            self._processes.broadcast_weights(self.model)
            return
        if not Path(best).is_dir():
            logger.warning("the best checkpoint %s is not there any more; the model has its last weights", best)
            return
        self._load_from_checkpoint(best)
        self._processes.broadcast_weights(self.model)

    def _remove_checkpoints_but(self, best: str) -> None:
        """Deletes all checkpoints but the best one, which is the only one that may stay."""
        if not self.args.should_save:
            return
        for path in sort_checkpoints(str(self.args.output_dir)):
            if not os.path.samefile(path, best):
                files.remove_checkpoint(Path(path))

    def _load_callback_state(self) -> None:
        """Restores callbacks that were saved with a checkpoint, if the arguments ask for it."""
        if not self.args.restore_callback_states_from_checkpoint:
            return
        known: list[Any] = [*self.callback_handler.callbacks, self.control]
        absent = []
        for name, data in self.state.stateful_callbacks.items():
            own = [callback for callback in known if type(callback).__name__ == name]
            if not own:
                absent.append(name)
            for callback, saved in zip(own, data if isinstance(data, list) else [data], strict=False):
                restored: Any = type(callback).from_state(saved)
                if isinstance(callback, TrainerControl):
                    self.control = restored
                else:
                    index = self.callback_handler.callbacks.index(callback)
                    self.callback_handler.callbacks[index] = restored
        if absent:
            logger.warning("callbacks of the checkpoint that this trainer does not have: %s", ", ".join(absent))

    def _determine_best_metric(self, metrics: dict[str, float], trial: Any = None) -> bool:
        """Whether metrics are the best so far, which the state then notes.

        Raises
        ------
        InputError
            They do not have the metric that selects the best model.
        """
        name = self._metric_name
        if name is None:
            return False
        value = self._metric_of(metrics, name)
        best = self.state.best_metric
        is_better = np.greater if self.args.greater_is_better else np.less
        worst = -np.inf if self.args.greater_is_better else np.inf
        if not is_better(value, worst if best is None else best):
            self.state.best_metric = worst if best is None else best
            return False
        self.state.best_metric = value
        if self.args.save_strategy != SaveStrategy.NO:
            self.state.best_global_step = self.state.global_step
        return True
