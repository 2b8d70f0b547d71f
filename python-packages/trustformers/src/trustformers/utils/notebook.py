"""The progress of a training in a notebook: a bar, and a table of metrics."""

from __future__ import annotations

import os
import time
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any

from trustformers.training.callbacks import TrainerCallback
from trustformers.training.loops import has_length
from trustformers.training.strategies import IntervalStrategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustformers.training.arguments import TrainingArguments
    from trustformers.training.state import TrainerControl, TrainerState

__all__ = [
    "NotebookProgressBar",
    "NotebookProgressCallback",
    "NotebookTrainingTracker",
    "format_time",
    "html_progress_bar",
    "text_to_html_table",
]

# Metrics of the work, not of the model.
_SPEEDS = ("runtime", "samples_per_second", "steps_per_second", "model_preparation_time")


def format_time(t: float) -> str:
    """Seconds as minutes and seconds, after the hours if there are any."""
    minutes, seconds = divmod(int(t), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes:02d}:{seconds:02d}"


def html_progress_bar(value: int, total: int, prefix: str, label: str, width: int = 300) -> str:
    """The HTML of a bar between two texts."""
    style = f"width:{width}px; height:20px; vertical-align: middle;"
    bar = f"<progress value='{value}' max='{total}' style='{style}'></progress>"
    return f"<div>{prefix} {bar} {label}</div>"


def text_to_html_table(items: Sequence[Sequence[Any]]) -> str:
    """The HTML of a table whose first row has the names of the columns."""
    heads, *rows = items
    return (
        '<table border="1" class="dataframe"><thead><tr style="text-align: left;">'
        f"{_cells('th', heads)}</tr></thead><tbody>"
        + "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
        + "</tbody></table><p>"
    )


def _cells(tag: str, values: Iterable[Any]) -> str:
    texts = (f"{value:.6f}" if isinstance(value, float) else escape(str(value)) for value in values)
    return "".join(f"<{tag}>{text}</{tag}>" for text in texts)


class _Output:
    """A cell's output that changes."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, html: str) -> None:
        display: Any = import_module("IPython.display")
        if self._handle is None:
            self._handle = display.display(display.HTML(html), display_id=True)
        else:
            self._handle.update(display.HTML(html))

    def clear(self) -> None:
        if self._handle is not None:
            self.show("")


class NotebookProgressBar:
    """A bar in a notebook.

    Parameters
    ----------
    total
        The number of steps.
    prefix
        The text before the bar.
    leave
        Whether the bar stays when it is full.
    parent
        The bar that displays this one.
    width
        The width in pixels.
    """

    warmup = 5
    update_every: float = 0.2

    def __init__(
        self,
        total: int,
        prefix: str | None = None,
        leave: bool = True,
        parent: NotebookTrainingTracker | None = None,
        width: int = 300,
    ) -> None:
        self.total = total
        self.prefix: str = prefix or ""
        self.leave = leave
        self.parent = parent
        self.width = width
        self.value: int | None = None
        self.last_value: int | None = None
        self.comment: str | None = None
        self.label: str = ""
        self.html_code: str = ""
        self.output: _Output = _Output()
        self._start: tuple[int, float] = (0, 0.0)
        self._shown = 0
        self._wait_for = 1
        if "VSCODE_PID" in os.environ:
            # Its notebooks are slow to show HTML.
            self.update_every = 0.5

    def update(self, value: int, force_update: bool = False, comment: str | None = None) -> None:
        """Moves the bar to a step; it is drawn again about every `update_every` seconds."""
        self.value = value
        self.comment = self.comment if comment is None else comment
        if self.last_value is None:
            self._start = (value, time.time())
            self.last_value = value
            self.update_bar(value)
            return
        is_due = self._shown < self.warmup or value >= min(self.last_value + self._wait_for, self.total)
        if not force_update and (value <= self.last_value or not is_due):
            return
        self._shown += 1
        steps, seconds = value - self._start[0], time.time() - self._start[1]
        average = seconds / steps if steps > 0 else None
        self._wait_for = max(int(self.update_every / average), 1) if average else 1
        self.last_value = value = min(value, self.total)
        self.update_bar(value, elapsed=seconds, average=average)
        if value == self.total and not self.leave:
            self.close()

    def update_bar(self, value: int, elapsed: float | None = None, average: float | None = None) -> None:
        """Draws the bar."""
        count = f"{value:>{len(str(self.total))}}/{self.total}"
        if elapsed is None:
            text = f"{count} : < :"
        elif average is None or value >= self.total:
            text = f"{count} {format_time(elapsed)}"
        else:
            rate = f"{1 / average:.2f}" if average else "+inf"
            text = f"{count} {format_time(elapsed)} < {format_time(average * (self.total - value))}, {rate} it/s"
        self.label = f"[{text}, {self.comment}]" if self.comment else f"[{text}]"
        self.display()

    def display(self) -> None:
        """Shows the bar, or lets its parent show it."""
        self.html_code = html_progress_bar(self.value or 0, self.total, self.prefix, self.label, self.width)
        if self.parent is None:
            self.output.show(self.html_code)
        else:
            self.parent.display()

    def close(self) -> None:
        """Removes the bar."""
        if self.parent is None:
            self.output.clear()


class NotebookTrainingTracker(NotebookProgressBar):
    """A bar of a training above a table of metrics and a bar of an evaluation.

    Parameters
    ----------
    num_steps
        The steps of the training.
    column_names
        The columns of the table; those of the first line without them.
    """

    html_code: str

    def __init__(self, num_steps: int, column_names: Sequence[str] | None = None) -> None:
        super().__init__(num_steps)
        self.inner_table: list[list[Any]] | None = None if column_names is None else [list(column_names)]
        self.child_bar: NotebookProgressBar | None = None

    def display(self) -> None:
        """Shows bars and table."""
        self.html_code = html_progress_bar(self.value or 0, self.total, self.prefix, self.label, self.width)
        if self.inner_table is not None:
            self.html_code += text_to_html_table(self.inner_table)
        if self.child_bar is not None:
            self.html_code += self.child_bar.html_code
        self.output.show(self.html_code)

    def write_line(self, values: Mapping[str, Any]) -> None:
        """Adds a line to the table; one with the same first value replaces the last."""
        if self.inner_table is None:
            self.inner_table = [list(values)]
        columns, *lines = self.inner_table
        columns += [name for name in values if name not in columns]
        last = dict(zip(columns, lines[-1], strict=False)) if lines else {}
        if last and last[columns[0]] == values[columns[0]]:
            self.inner_table.pop()
        else:
            last = {}
        self.inner_table.append([values.get(name, last.get(name, "No Log")) for name in columns])

    def add_child(self, total: int, prefix: str | None = None, width: int = 300) -> NotebookProgressBar:
        """Adds the bar of an evaluation."""
        self.child_bar = NotebookProgressBar(total, prefix=prefix, parent=self, width=width)
        return self.child_bar

    def remove_child(self) -> None:
        """Removes the bar of the evaluation."""
        self.child_bar = None
        self.display()


class NotebookProgressCallback(TrainerCallback):
    """Shows a training in a notebook, as `ProgressCallback` does in a terminal; needs IPython."""

    def __init__(self) -> None:
        self.training_tracker: NotebookTrainingTracker | None = None
        self.prediction_bar: NotebookProgressBar | None = None
        self._force_next_update = False

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Makes the bar and the table."""
        columns = [_first_column(args), "Training Loss"]
        if args.eval_strategy != IntervalStrategy.NO:
            columns.append("Validation Loss")
        self.training_tracker = NotebookTrainingTracker(state.max_steps, columns)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Moves the bar."""
        if self.training_tracker is None:
            return
        epoch = int(state.epoch) if int(state.epoch) == state.epoch else f"{state.epoch:.2f}"
        self.training_tracker.update(
            state.global_step + 1,
            comment=f"Epoch {epoch}/{state.num_train_epochs}",
            force_update=self._force_next_update,
        )
        self._force_next_update = False

    def on_prediction_step(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        eval_dataloader: Any = None,
        **kwargs: Any,
    ) -> None:
        """Moves the bar of the evaluation."""
        if not has_length(eval_dataloader):
            return
        if self.prediction_bar is None:
            total = len(eval_dataloader)
            tracker = self.training_tracker
            self.prediction_bar = NotebookProgressBar(total) if tracker is None else tracker.add_child(total)
        self.prediction_bar.update((self.prediction_bar.value or 0) + 1)

    def on_predict(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Removes the bar of the prediction."""
        if self.prediction_bar is not None:
            self.prediction_bar.close()
        self.prediction_bar = None

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: Any = None, **kwargs: Any
    ) -> None:
        """Adds a line with the loss, where no evaluation adds one."""
        if self.training_tracker is not None and args.eval_strategy == IntervalStrategy.NO and "loss" in logs:
            self.training_tracker.write_line({"Step": state.global_step, "Training Loss": logs["loss"]})

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Adds a line with the metrics."""
        losses = (log["loss"] for log in reversed(state.log_history) if "loss" in log)
        first = _first_column(args)
        values = {
            "Training Loss": next(losses, "No log"),
            "Validation Loss": "No log",
            first: int(state.epoch) if first == "Epoch" else state.global_step,
            **_named(metrics or {}),
        }
        if self.training_tracker is None:
            display: Any = import_module("IPython.display")
            display.display(display.HTML(text_to_html_table([list(values), list(values.values())])))
        else:
            self.training_tracker.write_line(values)
            self.training_tracker.remove_child()
            # An evaluation takes longer than the steps that the bar waits for.
            self._force_next_update = True
        self.prediction_bar = None

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Fills the bar."""
        if self.training_tracker is not None:
            comment = f"Epoch {int(state.epoch)}/{state.num_train_epochs}"
            self.training_tracker.update(state.global_step, comment=comment, force_update=True)
        self.training_tracker = None


def _first_column(args: TrainingArguments) -> str:
    return "Epoch" if args.eval_strategy == IntervalStrategy.EPOCH else "Step"


def _named(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Metrics by the names of columns: "Accuracy" for `eval_accuracy`."""
    prefix = next((name.removesuffix("_loss") for name in metrics if name.endswith("_loss")), "eval")
    left_out = {"total_flos", "epoch", *(f"{prefix}_{name}" for name in _SPEEDS)}
    found = {}
    for name, value in metrics.items():
        if name not in left_out:
            title = " ".join(part.capitalize() for part in name.split("_")[1:])
            found["Validation Loss" if title == "Loss" else title] = value
    return found
