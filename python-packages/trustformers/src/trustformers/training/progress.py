"""Callbacks that show the progress of a training: a bar, or lines of logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers.training.callbacks import TrainerCallback
from trustformers.training.loops import has_length

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustformers.training.arguments import TrainingArguments
    from trustformers.training.state import TrainerControl, TrainerState

__all__ = ["PrinterCallback", "ProgressCallback"]


def _shown(logs: Mapping[str, Any]) -> dict[str, Any]:
    """Logs with short numbers; others may read the given ones."""
    return {
        name: f"{value:.4g}" if isinstance(value, float) else value
        for name, value in logs.items()
        if name != "total_flos"
    }


class _Lines:
    """Without tqdm: lines of logs, and no bar."""

    def update(self, _steps: int) -> None:
        return None

    def close(self) -> None:
        return None

    def write(self, text: str) -> None:
        print(text)


def _bar(**options: Any) -> Any:
    try:
        from tqdm.auto import tqdm  # type: ignore[import-untyped]  # an optional package
    except ImportError:
        return _Lines()
    return tqdm(dynamic_ncols=True, **options)


class ProgressCallback(TrainerCallback):
    """Shows bars of tqdm for training and evaluation, and prints logs; without tqdm it prints logs alone.

    Parameters
    ----------
    max_str_len
        The length of texts in logs that are shown.
    """

    def __init__(self, max_str_len: int = 100) -> None:
        self.training_bar: Any = None
        self.prediction_bar: Any = None
        self.max_str_len = max_str_len
        self.current_step: int = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Shows the bar."""
        if state.is_world_process_zero:
            self.training_bar = _bar(total=state.max_steps)
        self.current_step = 0

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Moves the bar."""
        if self.training_bar is not None:
            self.training_bar.update(state.global_step - self.current_step)
            self.current_step = state.global_step

    def on_prediction_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        eval_dataloader: Any = None,
        **kwargs: Any,
    ) -> None:
        """Moves the bar of the evaluation."""
        if state.is_world_process_zero and has_length(eval_dataloader):
            if self.prediction_bar is None:
                self.prediction_bar = _bar(total=len(eval_dataloader), leave=self.training_bar is None)
            self.prediction_bar.update(1)

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Ends the bar of the evaluation."""
        if self.prediction_bar is not None:
            self.prediction_bar.close()
        self.prediction_bar = None

    def on_predict(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Ends the bar of the prediction."""
        self.on_evaluate(args, state, control)

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **kwargs: Any
    ) -> None:
        """Prints the logs."""
        if self.training_bar is None:
            return
        shown = _shown(logs or {})
        for name, value in shown.items():
            if isinstance(value, str) and len(value) > self.max_str_len:
                shown[name] = f"[{len(value)} characters, more than max_str_len={self.max_str_len}]"
        self.training_bar.write(str(shown))

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Ends the bar."""
        if self.training_bar is not None:
            self.training_bar.close()
        self.training_bar = None


class PrinterCallback(TrainerCallback):
    """Prints logs."""

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **kwargs: Any
    ) -> None:
        """Prints the logs."""
        if state.is_local_process_zero:
            print(None if logs is None else _shown(logs))
