"""The results of training, evaluation and prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BestRun", "EvalLoopOutput", "EvalPrediction", "PredictionOutput", "TrainOutput", "speed_metrics"]


class EvalPrediction:
    """Predictions and labels of an evaluation, from which `compute_metrics` computes metrics.

    It unpacks and indexes as the tuple of what is given, such as `predictions, labels = evaluation`.

    Parameters
    ----------
    predictions
        The model's outputs: an array, or a tuple of arrays.
    label_ids
        The labels: an array, or a tuple of arrays.
    inputs, losses
        The inputs of the model and the losses of each example, if they are kept.
    """

    def __init__(self, predictions: Any, label_ids: Any, inputs: Any = None, losses: Any = None) -> None:
        self.predictions = predictions
        self.label_ids = label_ids
        self.inputs = inputs
        self.losses = losses
        self.elements: tuple[Any, ...] = (
            predictions,
            label_ids,
            *(found for found in (inputs, losses) if found is not None),
        )

    def __iter__(self) -> Iterator[Any]:
        return iter(self.elements)

    def __getitem__(self, index: int) -> Any:
        if not 0 <= index < len(self.elements):
            raise IndexError(f"index: expected one from 0 to {len(self.elements) - 1}, found {index}")
        return self.elements[index]


class EvalLoopOutput(NamedTuple):
    """Predictions, labels and metrics of an evaluation, and its number of examples."""

    predictions: Any
    label_ids: Any
    metrics: dict[str, float] | None
    num_samples: int | None


class PredictionOutput(NamedTuple):
    """Predictions, labels and metrics of a prediction."""

    predictions: Any
    label_ids: Any
    metrics: dict[str, float] | None


class TrainOutput(NamedTuple):
    """The steps, the mean loss and the metrics of a training run."""

    global_step: int
    training_loss: float
    metrics: dict[str, float]


class BestRun(NamedTuple):
    """The best run of a search of hyperparameters."""

    run_id: str
    objective: float | list[float]
    hyperparameters: dict[str, Any]
    run_summary: Any | None = None


def speed_metrics(
    split: str,
    start_time: float,
    num_samples: int | None = None,
    num_steps: int | None = None,
    num_tokens: int | None = None,
) -> dict[str, float]:
    """The seconds since `start_time`, a `time.time()`, and the work per second, by names that begin with `split`."""
    import time

    runtime = time.time() - start_time
    metrics = {f"{split}_runtime": round(runtime, 4)}
    if runtime == 0:
        return metrics
    counts = {"samples": num_samples, "steps": num_steps, "tokens": num_tokens}
    for name, count in counts.items():
        if count is not None:
            metrics[f"{split}_{name}_per_second"] = round(count / runtime, 3)
    return metrics
