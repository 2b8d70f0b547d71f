"""What a training calls at its events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError
from trustformers.training.state import ExportableState
from trustformers.training.strategies import IntervalStrategy, SaveStrategy
from trustformers.utils import logging

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustformers.training.arguments import TrainingArguments
    from trustformers.training.state import TrainerControl, TrainerState

__all__ = ["CallbackHandler", "DefaultFlowCallback", "EarlyStoppingCallback", "TrainerCallback"]

logger = logging.get_logger(__name__)


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

    on_init_end = _event("on_init_end")
    on_train_begin = _event("on_train_begin")
    on_train_end = _event("on_train_end")
    on_epoch_begin = _event("on_epoch_begin")
    on_epoch_end = _event("on_epoch_end")
    on_step_begin = _event("on_step_begin")
    on_pre_optimizer_step = _event("on_pre_optimizer_step")
    on_optimizer_step = _event("on_optimizer_step")
    on_substep_end = _event("on_substep_end")
    on_step_end = _event("on_step_end")
    on_evaluate = _event("on_evaluate", "metrics")
    on_predict = _event("on_predict", "metrics")
    on_save = _event("on_save")
    on_log = _event("on_log", "logs")
    on_prediction_step = _event("on_prediction_step")
    on_push_begin = _event("on_push_begin")

    def call_event(
        self, event: str, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> TrainerControl:
        """Calls an event of each callback; returns the control, which they may replace."""
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


class EarlyStoppingCallback(TrainerCallback, ExportableState):
    """Ends a training whose metric, `metric_for_best_model`, no longer improves.

    Parameters
    ----------
    early_stopping_patience
        The evaluations in a row without an improvement.
    early_stopping_threshold
        How much better than the best metric an improvement is.
    """

    def __init__(self, early_stopping_patience: int = 1, early_stopping_threshold: float | None = 0.0) -> None:
        self.early_stopping_patience = early_stopping_patience
        self.early_stopping_threshold = early_stopping_threshold
        self.early_stopping_patience_counter = 0
        # The metrics of evaluations, as long as none of them had the metric.
        self._reported: set[str] | None = set()

    def check_metric_value(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metric_value: float
    ) -> None:
        """Counts an evaluation without an improvement."""
        del control
        best = state.best_metric
        if best is None or (
            (metric_value > best if args.greater_is_better else metric_value < best)
            and abs(metric_value - best) > (self.early_stopping_threshold or 0.0)
        ):
            self.early_stopping_patience_counter = 0
        else:
            self.early_stopping_patience_counter += 1

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Checks that there will be evaluations and a metric.

        Raises
        ------
        InputError
            There will be none.
        """
        if not args.load_best_model_at_end:
            logger.warning(
                "EarlyStoppingCallback: the training ends with the last weights, not with the best ones; "
                "load_best_model_at_end=True loads the best ones"
            )
        if args.metric_for_best_model is None:
            raise InputError("EarlyStoppingCallback: expected metric_for_best_model in the settings, found None")
        if args.eval_strategy == IntervalStrategy.NO:
            raise InputError("EarlyStoppingCallback: expected eval_strategy 'steps' or 'epoch', found 'no'")
        self._reported = set()

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Ends the training after too many evaluations without an improvement."""
        if args.metric_for_best_model is None:
            return
        name = args.metric_for_best_model
        name = name if name.startswith("eval_") else f"eval_{name}"
        value = (metrics or {}).get(name)
        if value is None:
            # Another data set of the same evaluation may have it.
            if self._reported is not None:
                self._reported.update(metrics or {})
            return
        self._reported = None
        self.check_metric_value(args, state, control, value)
        if self.early_stopping_patience_counter >= self.early_stopping_patience:
            control.should_training_stop = True

    def _check_reported(self, args: TrainingArguments) -> None:
        if self._reported:
            found = ", ".join(sorted(self._reported))
            raise InputError(
                f"EarlyStoppingCallback: no evaluation reports metric_for_best_model={args.metric_for_best_model!r}; "
                f"found {found}"
            )

    def on_step_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Checks that the evaluations before this step have the metric.

        Raises
        ------
        InputError
            None has.
        """
        self._check_reported(args)

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Checks that an evaluation had the metric.

        Raises
        ------
        InputError
            None had.
        """
        self._check_reported(args)

    def state(self) -> dict[str, Any]:
        """The settings, and the evaluations without an improvement so far."""
        return {
            "args": {
                "early_stopping_patience": self.early_stopping_patience,
                "early_stopping_threshold": self.early_stopping_threshold,
            },
            "attributes": {"early_stopping_patience_counter": self.early_stopping_patience_counter},
        }
