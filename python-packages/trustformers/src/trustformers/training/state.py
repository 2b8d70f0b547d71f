"""How far a training is, and what callbacks tell it to do."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustformers._checks.metrics import check_metrics, json_value
from trustformers.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    import os

    from typing_extensions import Self

    from trustformers.training.arguments import TrainingArguments

__all__ = ["ExportableState", "TrainerControl", "TrainerState"]


class ExportableState:
    """Base of callbacks whose state checkpoints have.

    Examples
    --------
    >>> class Counter(TrainerCallback, ExportableState):
    ...     def __init__(self, start=0):
    ...         self.start, self.count = start, start
    ...
    ...     def state(self):
    ...         return {"args": {"start": self.start}, "attributes": {"count": self.count}}
    """

    def state(self) -> dict[str, Any]:
        """`args`, the arguments of a new instance, and `attributes`, which it gets then."""
        raise NotImplementedError(f"{type(self).__name__}: a class with a state has a method state()")

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """An instance with a state."""
        instance = cls(**state["args"])
        for name, value in state["attributes"].items():
            setattr(instance, name, value)
        return instance


@dataclass
class TrainerState:
    """How far a training is: what callbacks read, and `trainer_state.json` of a checkpoint has.

    A step is an update of the parameters.

    Parameters
    ----------
    epoch
        Passes over the data, with a fraction.
    global_step, max_steps
        The steps done, and all steps.
    logging_steps, eval_steps, save_steps
        The steps between logs, evaluations and checkpoints.
    train_batch_size
        The examples in a batch.
    num_train_epochs
        All passes over the data.
    num_input_tokens_seen, total_flos
        The tokens and floating-point operations so far.
    log_history
        What has been logged.
    best_metric, best_global_step, best_model_checkpoint
        The best metric, its step, and its checkpoint.
    is_local_process_zero, is_world_process_zero
        Whether this process is the first of its machine, and of all.
    is_hyper_param_search, trial_name, trial_params
        A search of hyperparameters.
    stateful_callbacks
        Callbacks, or their states by the name of their class.
    """

    epoch: float = 0
    global_step: int = 0
    max_steps: int = 0
    logging_steps: int = 500
    eval_steps: int = 500
    save_steps: int = 500
    train_batch_size: int | None = None
    num_train_epochs: int = 0
    num_input_tokens_seen: int = 0
    total_flos: float = 0
    log_history: list[dict[str, Any]] = None  # type: ignore[assignment]  # a list of each instance's own
    best_metric: float | None = None
    best_global_step: int | None = None
    best_model_checkpoint: str | None = None
    is_local_process_zero: bool = True
    is_world_process_zero: bool = True
    is_hyper_param_search: bool = False
    trial_name: str | None = None
    trial_params: dict[str, str | float | int | bool] | None = None
    stateful_callbacks: Any = None

    def __post_init__(self) -> None:
        """Takes the states of callbacks."""
        if self.log_history is None:
            self.log_history = []
        if isinstance(self.stateful_callbacks, dict):
            return
        states: dict[str, Any] = {}
        for callback in self.stateful_callbacks or ():
            if not isinstance(callback, ExportableState):
                raise TypeError(f"stateful_callbacks: expected ExportableState objects, found {type(callback)}")
            name = type(callback).__name__
            if name in states:
                before = states[name] if isinstance(states[name], list) else [states[name]]
                states[name] = [*before, callback.state()]
            else:
                states[name] = callback.state()
        self.stateful_callbacks = states

    def save_to_json(self, json_path: str | os.PathLike[str]) -> None:
        """Writes the state into a JSON file; arrays among the metrics become lists.

        Raises
        ------
        InputError
            A metric is nothing that JSON has; the message names it.
        """
        state = asdict(self)
        for logged in state["log_history"]:
            check_metrics(logged)
        text = json.dumps(state, indent=2, sort_keys=True, default=json_value) + "\n"
        Path(json_path).write_text(text, encoding="utf-8")

    @classmethod
    def load_from_json(cls, json_path: str | os.PathLike[str]) -> TrainerState:
        """Reads the state from a JSON file; keys of other versions are left out.

        Raises
        ------
        InputError
            The file is damaged.
        """
        try:
            keys = json.loads(Path(json_path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{json_path}: expected the JSON of a TrainerState, {error}") from None
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in keys.items() if name in known})

    def compute_steps(self, args: TrainingArguments, max_steps: int) -> None:
        """Sets the steps between logs, evaluations and checkpoints, which may be ratios of all steps."""
        for name in ("logging", "eval", "save"):
            steps = getattr(args, f"{name}_steps")
            if steps is not None:
                setattr(self, f"{name}_steps", math.ceil(max_steps * steps) if steps < 1 else steps)

    def init_training_references(self, trainer: Any, max_steps: int, num_train_epochs: int, trial: Any) -> None:
        """Sets what a training knows at its beginning.

        Raises
        ------
        UnsupportedError
            A search of hyperparameters has begun the training.
        """
        if trial is not None:
            raise UnsupportedError("not supported: trial, a search of hyperparameters; train once for each choice")
        self.trial_params = None
        self.max_steps = max_steps
        self.num_train_epochs = num_train_epochs
        self.is_local_process_zero = trainer.is_local_process_zero()
        self.is_world_process_zero = trainer.is_world_process_zero()


@dataclass
class TrainerControl(ExportableState):
    """What callbacks tell a training to do.

    Parameters
    ----------
    should_training_stop
        Whether the training ends; stays set.
    should_epoch_stop
        Whether the epoch ends.
    should_save, should_evaluate, should_log
        Whether a checkpoint, an evaluation or a log follows this step.
    """

    should_training_stop: bool = False
    should_epoch_stop: bool = False
    should_save: bool = False
    should_evaluate: bool = False
    should_log: bool = False

    def _new_training(self) -> None:
        self.should_training_stop = False

    def _new_epoch(self) -> None:
        self.should_epoch_stop = False

    def _new_step(self) -> None:
        self.should_save = self.should_evaluate = self.should_log = False

    def state(self) -> dict[str, Any]:
        """The switches."""
        return {"args": asdict(self), "attributes": {}}
