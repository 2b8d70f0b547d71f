"""What a training calls at its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers._checks.arguments import kind
from trustformers.errors import InputError
from trustformers.training.strategies import IntervalStrategy, SaveStrategy
from trustformers.utils import logging

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustformers.training.arguments import TrainingArguments
    from trustformers.training.state import TrainerControl, TrainerState

__all__ = ["CallbackHandler", "DefaultFlowCallback", "TrainerCallback"]

logger: logging.Logger = logging.get_logger(__name__)


class TrainerCallback:
    """Base of what a `Trainer` calls at the events of a training.

    Every method gets the settings, the state and the control; a callback may change the control alone, and returns it
    then. The keywords `model`, `processing_class`, `optimizer`, `lr_scheduler`, `train_dataloader` and
    `eval_dataloader` are given at each event.

    Examples
    --------
    >>> class Losses(TrainerCallback):
    ...     def on_log(self, args, state, control, logs=None, **kwargs):
    ...         print(state.global_step, logs.get("loss"))
    """

    def on_init_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> Any:
        """The `Trainer` is made."""

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> Any:
        """The training begins."""

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> Any:
        """The training ends."""

    def on_epoch_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> Any:
        """A pass over the data begins."""

    def on_epoch_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> Any:
        """A pass over the data ends."""

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> Any:
        """A step begins; it has several batches with accumulation."""

    def on_pre_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> Any:
        """Gradients are clipped, parameters not yet updated."""

    def on_optimizer_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> Any:
        """Parameters are updated, gradients not yet cleared."""

    def on_substep_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> Any:
        """A batch ends that is not the last of its step."""

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> Any:
        """A step ends."""

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> Any:
        """An evaluation has ended; the keyword `metrics` has its metrics."""

    def on_predict(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metrics: Any, **kwargs: Any
    ) -> Any:
        """A prediction has ended."""

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> Any:
        """A checkpoint is saved."""

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> Any:
        """The keyword `logs` has what was logged."""

    def on_prediction_step(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> Any:
        """A batch of an evaluation or a prediction ends."""

    def on_push_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> Any:
        """An upload begins."""


# What an event takes back before the callbacks are called.
_RESETS: dict[str, tuple[str, ...]] = {
    "on_train_begin": ("should_training_stop",),
    "on_epoch_begin": ("should_epoch_stop",),
    "on_step_begin": ("should_log", "should_evaluate", "should_save"),
    "on_evaluate": ("should_evaluate",),
    "on_save": ("should_save",),
    "on_log": ("should_log",),
}


def _event(name: str, value: str | None = None) -> Any:
    """The method of a handler that calls an event; `value` is its fourth argument."""

    def call(
        self: CallbackHandler,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        *values: Any,
        **kwargs: Any,
    ) -> TrainerControl:
        if values and value is not None:
            kwargs[value] = values[0]
        for switch in _RESETS.get(name, ()):
            setattr(control, switch, False)
        return self.call_event(name, args, state, control, **kwargs)

    call.__name__ = name
    call.__doc__ = f"Calls `{name}` of each callback."
    return call


class CallbackHandler(TrainerCallback):
    """Calls several callbacks in their order.

    Parameters
    ----------
    callbacks
        Callbacks or classes of them.
    model, processing_class, optimizer, lr_scheduler
        What each event gives to the callbacks.
    """

    def __init__(
        self,
        callbacks: Iterable[TrainerCallback | type[TrainerCallback]],
        model: Any,
        processing_class: Any,
        optimizer: Any,
        lr_scheduler: Any,
    ) -> None:
        self.callbacks: list[TrainerCallback] = []
        for callback in callbacks:
            self.add_callback(callback)
        self.model = model
        self.processing_class = processing_class
        self.optimizer = optimizer
        self.lr_scheduler = lr_scheduler
        self.train_dataloader: Any = None
        self.eval_dataloader: Any = None
        if not any(isinstance(callback, DefaultFlowCallback) for callback in self.callbacks):
            logger.warning(
                "callbacks: without a DefaultFlowCallback nothing is logged, evaluated or saved, and training never "
                "ends; add_callback(DefaultFlowCallback) adds one"
            )

    def add_callback(self, callback: TrainerCallback | type[TrainerCallback]) -> None:
        """Adds a callback, or an instance of its class."""
        added = callback() if isinstance(callback, type) else callback
        if type(added) in {type(known) for known in self.callbacks}:
            logger.warning(f"callbacks: a second {type(added).__name__} is added to\n{self.callback_list}")
        self.callbacks.append(added)

    def pop_callback(self, callback: TrainerCallback | type[TrainerCallback]) -> TrainerCallback | None:
        """Removes the first callback that equals this, or is an instance of this class, and returns it."""
        for index, known in enumerate(self.callbacks):
            if isinstance(known, callback) if isinstance(callback, type) else known == callback:
                return self.callbacks.pop(index)
        return None

    def remove_callback(self, callback: TrainerCallback | type[TrainerCallback]) -> None:
        """Removes the first callback that equals this, or is an instance of this class."""
        if isinstance(callback, type):
            self.pop_callback(callback)
        else:
            self.callbacks.remove(callback)

    @property
    def callback_list(self) -> str:
        """The classes of the callbacks, one a line."""
        return "\n".join(type(callback).__name__ for callback in self.callbacks)

    on_init_end: Any = _event("on_init_end")
    on_train_begin: Any = _event("on_train_begin")
    on_train_end: Any = _event("on_train_end")
    on_epoch_begin: Any = _event("on_epoch_begin")
    on_epoch_end: Any = _event("on_epoch_end")
    on_step_begin: Any = _event("on_step_begin")
    on_pre_optimizer_step: Any = _event("on_pre_optimizer_step")
    on_optimizer_step: Any = _event("on_optimizer_step")
    on_substep_end: Any = _event("on_substep_end")
    on_step_end: Any = _event("on_step_end")
    on_evaluate: Any = _event("on_evaluate", "metrics")
    on_predict: Any = _event("on_predict", "metrics")
    on_save: Any = _event("on_save")
    on_log: Any = _event("on_log", "logs")
    on_prediction_step: Any = _event("on_prediction_step")
    on_push_begin: Any = _event("on_push_begin")

    def call_event(
        self, event: str, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        """Calls an event of each callback; returns the control, which they may replace.

        Raises
        ------
        InputError
            A callback returns something else.
        """
        for callback in self.callbacks:
            result = getattr(callback, event)(
                args,
                state,
                control,
                model=self.model,
                processing_class=self.processing_class,
                optimizer=self.optimizer,
                lr_scheduler=self.lr_scheduler,
                train_dataloader=self.train_dataloader,
                eval_dataloader=self.eval_dataloader,
                **kwargs,
            )
            if result is not None and not hasattr(result, "should_training_stop"):
                raise InputError(
                    f"{event} of {type(callback).__name__}: expected the control or None as its result, found "
                    f"{kind(result)}"
                )
            control = control if result is None else result
        return control


class DefaultFlowCallback(TrainerCallback):
    """Logs, evaluates and saves as the settings say, and ends the training after its last step."""

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        """Sets what follows the step."""
        step = state.global_step
        steps = IntervalStrategy.STEPS
        is_last = step >= state.max_steps
        if (step == 1 and args.logging_first_step) or (
            args.logging_strategy == steps and step % state.logging_steps == 0
        ):
            control.should_log = True
        # The last step is evaluated and saved too.
        if args.eval_strategy == steps and args.eval_delay <= step and (is_last or step % state.eval_steps == 0):
            control.should_evaluate = True
        if args.save_strategy == SaveStrategy.STEPS and (
            is_last or (state.save_steps > 0 and step % state.save_steps == 0)
        ):
            control.should_save = True
        if is_last:
            control.should_training_stop = True
        return control

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        """Sets what follows the epoch."""
        if args.logging_strategy == IntervalStrategy.EPOCH:
            control.should_log = True
        if args.eval_strategy == IntervalStrategy.EPOCH and args.eval_delay <= state.epoch:
            control.should_evaluate = True
        if args.save_strategy == SaveStrategy.EPOCH:
            control.should_save = True
        return control
