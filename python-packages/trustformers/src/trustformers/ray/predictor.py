"""A pipeline as a callable class for `map_batches`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ray.data.block import BlockAccessor

from trustformers.errors import InputError
from trustformers.pipelines.factory import pipeline
from trustformers.pipelines.ranking import TextRankingPipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline, SentenceSimilarityPipeline
from trustformers.ray.columns import columns_of
from trustformers.ray.placement import assigned_cpus
from trustformers.runtime.threads import get_num_threads, set_num_threads

if TYPE_CHECKING:
    from trustformers.models.base import PreTrainedModel

__all__ = ["PipelinePredictor", "names_of"]


class PipelinePredictor:
    """A callable class for `ray.data.Dataset.map_batches` that runs a pipeline on columns.

    `map_pipeline` calls `map_batches` with it, after checks. Each actor has a pipeline; the engine uses as many threads
    as the actor has CPUs (`num_cpus`), at least one. Actors of a node share what stays mapped from the model's files,
    such as embeddings. Each has packed weights of linear layers of its own: few actors with many CPUs need less memory
    than many with few.

    Parameters
    ----------
    task, model
        As for `pipeline`.
    column, output_prefix
        As for `map_pipeline`.
    **options
        As for `pipeline`.

    Examples
    --------
    >>> import ray
    >>> from trustformers.ray import PipelinePredictor
    >>> dataset = ray.data.read_parquet("reviews").map_batches(
    ...     PipelinePredictor,
    ...     fn_constructor_kwargs={"task": "text-classification", "model": path, "truncation": True},
    ...     compute=ray.data.ActorPoolStrategy(size=2),
    ...     batch_format="pyarrow",
    ...     batch_size=256,
    ...     num_cpus=4,
    ... )
    """

    def __init__(
        self,
        task: str,
        model: str | os.PathLike[str] | PreTrainedModel | None = None,
        *,
        column: str | Mapping[str, str] = "text",
        output_prefix: str = "",
        **options: Any,
    ) -> None:
        cpus = assigned_cpus()
        if cpus is not None:
            set_num_threads(min(get_num_threads(), max(1, int(cpus))))
        self._column = column
        self._output_prefix = output_prefix
        self._options = options
        self._pipeline = pipeline(task, model, **options)
        self._pipeline._is_continuous = True

    def __call__(self, batch: Any) -> Any:
        """The batch as an Arrow table, with the results as further columns.

        Parameters
        ----------
        batch
            A batch of any format.

        Raises
        ------
        InputError
            A column is missing, has a null, or is not what the pipeline takes; or a column of results exists already.
        """
        table = BlockAccessor.for_block(BlockAccessor.batch_to_block(batch)).to_arrow()
        inputs = self._inputs(table)
        try:
            results = self._results(inputs)
            columns = columns_of(self._pipeline.task, results, self._options)
        except InputError as error:
            raise InputError(f"column {' and '.join(map(repr, names_of(self._column)))}: {error}") from error
        for field, array in columns.items():
            name = self._output_prefix + field
            if name in table.column_names:
                raise taken(name)
            table = table.append_column(name, array)
        return table

    def _inputs(self, table: Any) -> list[Any]:
        values: dict[str, list[Any]] = {}
        for name in names_of(self._column):
            if name not in table.column_names:
                raise missing(name, table.column_names)
            values[name] = table.column(name).to_pylist()
            if None in values[name]:
                row = values[name].index(None)
                raise InputError(
                    f"column {name!r}: null in row {row} of a batch; leave such rows out with dataset.filter()"
                )
        if isinstance(self._column, str):
            return values[self._column]
        keys, rows = [*self._column], zip(*(values[name] for name in self._column.values()), strict=True)
        return [dict(zip(keys, row, strict=True)) for row in rows]

    def _results(self, inputs: list[Any]) -> Any:
        pipe = self._pipeline
        if isinstance(pipe, SentenceSimilarityPipeline):
            return pipe.embed(inputs)
        if isinstance(pipe, TextRankingPipeline):
            return [pipe(one) for one in inputs]
        if isinstance(pipe, FeatureExtractionPipeline):
            return pipe(inputs, return_tensors="np")
        results = pipe(inputs)
        # A list of one question has one answer.
        return results if isinstance(results, list) and len(results) == len(inputs) else [results]


def names_of(column: str | Mapping[str, str]) -> list[str]:
    """The columns that a pipeline reads."""
    return [column] if isinstance(column, str) else [*column.values()]


def missing(name: str, columns: list[str]) -> InputError:
    """The error of a column that a dataset does not have."""
    return InputError(f"column: {name!r} is not a column of the dataset, which has {', '.join(columns) or 'none'}")


def taken(name: str) -> InputError:
    """The error of results that would replace a column."""
    return InputError(f"column: the results have a column {name!r}, and so has the dataset; pass output_prefix=")
