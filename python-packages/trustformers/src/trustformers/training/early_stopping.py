"""The callback that ends a training which no longer improves."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

from trustformers._checks.arguments import kind
from trustformers.errors import InputError
from trustformers.training.callbacks import TrainerCallback
from trustformers.training.state import ExportableState
from trustformers.training.strategies import IntervalStrategy
from trustformers.utils import logging

if TYPE_CHECKING:
    from trustformers.training.arguments import TrainingArguments
    from trustformers.training.state import TrainerControl, TrainerState

__all__ = ["EarlyStoppingCallback"]

logger: logging.Logger = logging.get_logger(__name__)


class EarlyStoppingCallback(TrainerCallback, ExportableState):
    """Ends a training whose metric, `metric_for_best_model`, no longer improves.

    Parameters
    ----------
    early_stopping_patience
        The evaluations in a row without an improvement.
    early_stopping_threshold
        How much better than the best metric an improvement is.

    Raises
    ------
    InputError
        The patience is no number.
    """

    def __init__(self, early_stopping_patience: int = 1, early_stopping_threshold: float | None = 0.0) -> None:
        patience: Any = early_stopping_patience
        if isinstance(patience, bool) or not isinstance(patience, Real):
            raise InputError(f"early_stopping_patience: expected a number, found {kind(patience)}")
        self.early_stopping_patience = early_stopping_patience
        self.early_stopping_threshold = early_stopping_threshold
        self.early_stopping_patience_counter: int = 0
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
