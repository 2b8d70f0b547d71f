"""What an evaluation of a trainer gathers of its batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers.training.evaluation import EvalLoopContainer, find_batch_size
from trustformers.training.results import EvalPrediction

if TYPE_CHECKING:
    from trustformers.training.arguments import TrainingArguments

__all__ = ["Gathered", "with_last"]


class Gathered:
    """Losses of batches, and predictions, labels and inputs as far as they are kept.

    Parameters
    ----------
    args
        The settings.
    keeps
        Whether predictions and labels are kept.
    input_name
        The input that `include_for_metrics` means.

    Attributes
    ----------
    num_examples
        The number of examples so far.
    """

    def __init__(self, args: TrainingArguments, keeps: bool, input_name: str) -> None:
        self._args, self._keeps, self._input_name = args, keeps, input_name
        self.num_examples: int = 0
        self._losses: list[tuple[float, int]] = []
        containers = (EvalLoopContainer(args.eval_do_concat_batches, padding_index=-100) for _ in range(3))
        self._predictions, self._labels, self._inputs = containers

    def add(self, batch: Any, loss: Any, logits: Any, labels: Any) -> None:
        """Adds a batch; what is kept becomes arrays."""
        size = find_batch_size(batch) or 1
        self.num_examples += size
        if loss is not None:
            self._losses.append((float(loss), size))
        if not self._keeps:
            return
        inputs = batch[self._input_name] if "inputs" in self._args.include_for_metrics else None
        for container, value in ((self._predictions, logits), (self._labels, labels), (self._inputs, inputs)):
            if value is not None:
                container.add(value)
                container.to_cpu_and_numpy()

    def last(self, batch: Any, logits: Any, labels: Any) -> EvalPrediction:
        """The last batch, for metrics that are computed batch by batch."""
        return EvalPrediction(
            predictions=logits,
            label_ids=labels,
            losses=self._repeated(self._losses[-1:]),
            inputs=batch if "inputs" in self._args.include_for_metrics else None,
        )

    def everything(self) -> EvalPrediction:
        """All batches."""
        return EvalPrediction(
            predictions=self._predictions.get_arrays(),
            label_ids=self._labels.get_arrays(),
            losses=self._repeated(self._losses),
            inputs=self._inputs.get_arrays(),
        )

    def mean_loss(self) -> float | None:
        """The mean loss of the examples; None without losses."""
        finite = [(loss, size) for loss, size in self._losses if math.isfinite(loss)]
        used = finite if self._args.logging_nan_inf_filter and finite else self._losses
        return sum(loss * size for loss, size in used) / sum(size for _, size in used) if used else None

    def _repeated(self, losses: list[tuple[float, int]]) -> Any:
        """The loss of each example, which is that of its batch, if it is to be included."""
        if "loss" not in self._args.include_for_metrics or not losses:
            return None
        return np.concatenate([np.full(size, loss, np.float32) for loss, size in losses])


def with_last(batches: Iterable[Any]) -> Iterator[tuple[Any, bool]]:
    """Batches, and whether each is the last one."""
    iterator = iter(batches)
    try:
        batch = next(iterator)
    except StopIteration:
        return
    for following in iterator:
        yield batch, False
        batch = following
    yield batch, True
