"""Datasets as inputs of pipelines, and the iterators over their results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import TYPE_CHECKING, Any, TypeAlias

from trustformers.pipelines.batches import rows

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "KeyDataset",
    "KeyPairDataset",
    "PipelineChunkIterator",
    "PipelineDataset",
    "PipelineIterator",
    "PipelinePackIterator",
]


class KeyDataset:
    """One column of a dataset whose rows are mappings.

    Parameters
    ----------
    dataset
        An object with `__len__` and `__getitem__`, such as a `datasets.Dataset` or a list of dicts.
    key
        The column.
    """

    def __init__(self, dataset: Any, key: str) -> None:
        self.dataset = dataset
        self.key = key

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> Any:
        return self.dataset[i][self.key]


class KeyPairDataset:
    """Two columns of a dataset whose rows are mappings, as `text` and `text_pair`."""

    def __init__(self, dataset: Any, key1: str, key2: str) -> None:
        self.dataset = dataset
        self.key1 = key1
        self.key2 = key2

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> dict[str, Any]:
        row = self.dataset[i]
        return {"text": row[self.key1], "text_pair": row[self.key2]}


# Inputs whose results are an iterator.
Stream: TypeAlias = Iterator[Any] | KeyDataset | KeyPairDataset


class PipelineDataset:
    """A dataset whose rows go through a function, with fixed keyword arguments."""

    def __init__(self, dataset: Any, process: Callable[..., Any], params: Mapping[str, Any]) -> None:
        self.dataset = dataset
        self.process = process
        self.params = params

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, i: int) -> Any:
        return self.process(self.dataset[i], **self.params)

    def __iter__(self) -> Iterator[Any]:
        return (self.process(item, **self.params) for item in items(self.dataset))


class PipelineIterator(Iterator[Any]):
    """Results of a function for the items of an iterable, computed as they are read.

    Parameters
    ----------
    loader
        The items.
    infer, params
        The function and its keyword arguments.
    loader_batch_size
        With more than 1, the function takes and returns batches, whose rows are yielded one by one.
    """

    def __init__(
        self,
        loader: Any,
        infer: Callable[..., Any],
        params: Mapping[str, Any],
        loader_batch_size: int | None = None,
    ) -> None:
        self.loader = loader
        self.infer = infer
        self.params = params
        self.loader_batch_size = loader_batch_size
        self._results: Iterator[Any] | None = None

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Self:
        self._results = self._run()
        return self

    def __next__(self) -> Any:
        if self._results is None:
            self._results = self._run()
        return next(self._results)

    def _run(self) -> Iterator[Any]:
        for item in items(self.loader):
            result = self.infer(item, **self.params)
            if self.loader_batch_size in (None, 1):
                yield result
            else:
                yield from rows(result)


class PipelineChunkIterator(PipelineIterator):
    """The chunks of all items, where the function returns the chunks of an item."""

    def __len__(self) -> int:
        raise TypeError("PipelineChunkIterator: the number of chunks is unknown before they are read")

    def _run(self) -> Iterator[Any]:
        for item in items(self.loader):
            yield from self.infer(item, **self.params)


class PipelinePackIterator(PipelineIterator):
    """A list of results for the chunks of each item; the last chunk of an item has a true `is_last`."""

    def _run(self) -> Iterator[Any]:
        pack = []
        for result in super()._run():
            pack.append({name: value for name, value in result.items() if name != "is_last"})
            if result["is_last"]:
                yield pack
                pack = []


class Results(PipelineIterator):
    """Results of an iterator, with the length of the inputs if they have one."""

    def __init__(self, results: Iterator[Any], inputs: object) -> None:
        super().__init__(inputs, _same, {})
        self._results = results

    def __iter__(self) -> Self:
        return self


class Batches:
    """Lists of up to `batch_size` items, each through `collate`."""

    def __init__(self, dataset: Any, batch_size: int, collate: Callable[[list[Any]], Any]) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.collate = collate

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[Any]:
        batch = []
        for item in items(self.dataset):
            batch.append(item)
            if len(batch) == self.batch_size:
                yield self.collate(batch)
                batch = []
        if batch:
            yield self.collate(batch)


def items(dataset: Any) -> Iterator[Any]:
    """The items of an iterable, or of an object that has only `__len__` and `__getitem__`."""
    if isinstance(dataset, Iterable):
        return iter(dataset)
    return (dataset[index] for index in range(len(dataset)))


def is_dataset(inputs: object) -> bool:
    """Whether inputs are an iterable or a dataset, not a text or a mapping, which are one input."""
    if isinstance(inputs, (str, bytes, Mapping)):
        return False
    return isinstance(inputs, Iterable) or (isinstance(inputs, Sized) and hasattr(inputs, "__getitem__"))


def _same(item: Any) -> Any:
    return item
