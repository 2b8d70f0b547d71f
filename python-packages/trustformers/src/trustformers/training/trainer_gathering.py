"""What an evaluation of a trainer gathers of its batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from trustformers.training.evaluation import (
    EvalLoopContainer,
    find_batch_size,
    nested_join,
    nested_numpify,
)
from trustformers.training.results import EvalPrediction

if TYPE_CHECKING:
    from trustformers.distributed.world import World
    from trustformers.training.arguments import TrainingArguments

__all__ = ["Gathered", "steps_of_all", "with_last"]


class _Part(NamedTuple):
    """The batch of a process."""

    size: int
    loss: float | None
    inputs: Any
    logits: Any
    labels: Any


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
    processes
        The processes, which add their batches at the same time.

    Attributes
    ----------
    num_examples
        The number of examples so far.
    """

    def __init__(self, args: TrainingArguments, keeps: bool, input_name: str, processes: World) -> None:
        self._args, self._keeps, self._input_name = args, keeps, input_name
        self._processes = processes
        self.num_examples: int = 0
        self._losses: list[tuple[float, int]] = []
        containers = (EvalLoopContainer(args.eval_do_concat_batches, padding_index=-100) for _ in range(3))
        self._predictions, self._labels, self._inputs = containers

    def add(self, batch: Any, loss: Any, logits: Any, labels: Any) -> tuple[Any, Any, Any]:
        """Adds a batch, or None in a process that has no more; what is kept becomes arrays.

        Returns
        -------
        tuple
            The inputs, predictions and labels of the batches of all processes.
        """
        is_one = self._processes.size == 1
        inputs = None
        if batch is not None and "inputs" in self._args.include_for_metrics:
            inputs = batch[self._input_name]
        own = _Part(
            0 if batch is None else find_batch_size(batch) or 1,
            None if loss is None else float(loss),
            inputs,
            logits,
            labels,
        )
        parts = [own] if is_one else self._of_all_processes(own)
        for part in parts:
            self.num_examples += part.size
            if part.loss is not None:
                self._losses.append((part.loss, part.size))
        _, _, inputs, logits, labels = own if is_one else _joined(parts)
        everything = (batch if is_one else {self._input_name: inputs}), logits, labels
        if not self._keeps:
            return everything
        for container, value in ((self._predictions, logits), (self._labels, labels), (self._inputs, inputs)):
            if value is not None:
                container.add(value)
                container.to_cpu_and_numpy()
        return everything

    def _of_all_processes(self, own: _Part) -> list[_Part]:
        """The batches of all processes that have one."""
        own = own._replace(**{name: nested_numpify(getattr(own, name)) for name in ("inputs", "logits", "labels")})
        return [part for part in self._processes.gather(own, "gathering of predictions") if part.size]

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


def _joined(parts: list[_Part]) -> _Part:
    """The batches of all processes as one, with padding at the second dimension."""
    joined: dict[str, Any] = {}
    for name in ("inputs", "logits", "labels"):
        values = [getattr(part, name) for part in parts]
        joined[name] = None if values[0] is None else nested_join(values, -100)
    return _Part(sum(part.size for part in parts), None, **joined)


def steps_of_all(processes: World, batches: Iterable[Any]) -> Iterator[tuple[Any, bool]]:
    """Batches, and whether each is the last one of all processes; None where a process has fewer than others.

    Parameters
    ----------
    processes
        The processes, each with batches of its own.
    batches
        Those of this one.
    """
    if processes.size == 1:
        yield from with_last(batches)
        return
    own = with_last(batches)
    has_more = 1
    while has_more:
        batch, is_last = next(own, (None, True))
        [has_batch, has_more] = processes.largest([batch is not None, not is_last], "step of an evaluation")
        if has_batch:
            yield batch, not has_more


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
