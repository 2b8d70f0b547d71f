"""`DataLoader`, which makes batches of the examples of a data set."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from trustformers._checks.arguments import kind
from trustformers.errors import InputError
from trustformers.runtime.generators import Generator, default_generator
from trustformers.tokenizers.collators import default_data_collator
from trustformers.training.loops import has_length
from trustformers.training.prefetch import Batches, Source, settle_all
from trustformers.training.random_states import plain, random_states, restore_random_states
from trustformers.training.samplers import BatchSampler, RandomSampler, SequentialSampler, is_of_torch, positive

__all__ = ["DataLoader", "is_iterable", "skip_first_batches"]

_PREFETCHED = 2


@dataclass
class _Iteration:
    batches: Batches
    start: dict[str, Any]
    given: int
    # The states before the next batch, if there is one.
    following: dict[str, Any] | None = None
    is_open: bool = True


class DataLoader:
    """Batches of the examples of a data set, made ahead in a thread, in the order of torch's `DataLoader`.

    Parameters
    ----------
    dataset
        A `datasets.Dataset`, a data set of torch, a list or anything else with `__len__` and `__getitem__`; or an
        iterable of examples, which has no sampler.
    batch_size
        The number of examples of a batch; None gives single examples.
    shuffle
        Whether examples come in random order.
    sampler
        The indices of examples, by default all in order.
    batch_sampler
        Lists of indices; then `batch_size`, `shuffle`, `sampler` and `drop_last` have no meaning.
    num_workers
        The number of threads that read examples of the data set; with 0, the thread that makes batches reads them.
    collate_fn
        Makes a batch of a list of examples, by default `default_data_collator`.
    drop_last
        Whether a last batch with fewer examples is left out.
    generator
        The generator of the order, by default the one that `set_seed` seeds.
    prefetch_factor
        How many batches are made ahead, for each worker; 2 by default. With 0 there is no thread.
    pin_memory, timeout, worker_init_fn, multiprocessing_context, persistent_workers, pin_memory_device, in_order
        Accepted as torch's. They have no effect, since workers are threads: memory needs no pinning, and batches are
        always in order.

    Raises
    ------
    InputError
        An argument is wrong, or two exclude each other.

    Examples
    --------
    >>> from trustformers.training import DataLoader
    >>> list(DataLoader([3, 1, 2], batch_size=2, collate_fn=list))
    [[3, 1], [2]]
    """

    pin_memory: bool
    timeout: float
    worker_init_fn: Callable[[int], None] | None
    multiprocessing_context: Any
    persistent_workers: bool
    pin_memory_device: str
    in_order: bool

    def __init__(  # noqa: PLR0917  # the order of torch's arguments
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        self.dataset = dataset
        self.num_workers: int = _count("num_workers", num_workers)
        self.prefetch_factor: int | None = (
            None if prefetch_factor is None else _count("prefetch_factor", prefetch_factor)
        )
        self.pin_memory, self.timeout, self.worker_init_fn = pin_memory, timeout, worker_init_fn
        self.multiprocessing_context, self.persistent_workers = multiprocessing_context, persistent_workers
        self.pin_memory_device, self.in_order = pin_memory_device, in_order
        self.generator = generator
        self.collate_fn: Callable[[Any], Any] = collate_fn or (_single if batch_size is None else default_data_collator)
        if not callable(self.collate_fn):
            raise InputError(f"collate_fn: expected a function of a list of examples, found {kind(collate_fn)}")
        self._is_iterable = is_iterable(dataset)
        if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
            raise InputError("batch_sampler: leave out batch_size, shuffle, sampler and drop_last")
        if self._is_iterable and (shuffle or sampler is not None or batch_sampler is not None):
            raise InputError("shuffle: an iterable data set has an order of its own; leave out shuffle and samplers")
        if shuffle and sampler is not None:
            raise InputError("shuffle: leave it out with a sampler, which determines the order")
        if sampler is None and batch_sampler is None and not self._is_iterable and not has_length(dataset):
            raise InputError(f"dataset: expected one with a length, found {kind(dataset)}; pass a sampler")
        self.drop_last: bool = bool(drop_last)
        self.batch_size: int | None = None
        if batch_sampler is None and batch_size is not None:
            self.batch_size = positive("batch_size", batch_size)
        if sampler is None and not self._is_iterable and batch_sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        self.sampler: Any = sampler
        if sampler is not None and self.batch_size is not None:
            batch_sampler = BatchSampler(sampler, self.batch_size, self.drop_last)
        self.batch_sampler: Any = batch_sampler
        self.epoch: int = 0
        self._first_batch = 0
        self._iteration: _Iteration | None = None
        self._resumed: dict[str, Any] | None = None

    def __len__(self) -> int:
        if not self._is_iterable:
            return len(self._indices()) - self._first_batch
        count = len(self.dataset)
        if self.batch_size is not None:
            count = count // self.batch_size if self.drop_last else -(-count // self.batch_size)
        return count - self._first_batch

    def __iter__(self) -> Iterator[Any]:
        settle_all()
        state, self._resumed = self._resumed, None
        if state is not None:
            restore_random_states(state["start"] or state["states"], self.collate_fn)
        start = random_states(self.collate_fn)
        # torch draws a seed for its workers in each iteration; the order of examples comes from the next draws.
        (self.generator or default_generator).random64()
        given = self._first_batch + (0 if state is None else state["batches"])
        plan = islice(self._chunks() if self._is_iterable else iter(self._indices()), given, None)
        # Samplers draw from generators when they start, so this happens in the caller's thread.
        first = list(islice(plan, 0 if self._is_iterable else 1))
        factor = _PREFETCHED if self.prefetch_factor is None else self.prefetch_factor
        depth = factor * max(self.num_workers, 1)
        batches = Batches(
            Source(chain(first, plan), self._read, self.collate_fn, self.num_workers, depth, not self._is_iterable)
        )
        if state is not None and state["next"] is not None:
            restore_random_states(state["next"], self.collate_fn)
            batches.settle()
            restore_random_states(state["states"], self.collate_fn)
        iteration = self._iteration = _Iteration(batches, start, given)
        try:
            for batch in batches:
                iteration.given += 1
                yield batch
        finally:
            made = batches.close()
            iteration.is_open, iteration.following = False, None if made is None else made.states

    def state_dict(self) -> dict[str, Any]:
        """The place in the current iteration and the states of random number generators, as JSON has them.

        An iteration after `load_state_dict` has the batches that follow, as if there had been no interruption.
        """
        iteration = self._iteration
        if iteration is not None and iteration.is_open:
            made = iteration.batches.settle()
            iteration.following = None if made is None else made.states
        states = random_states(self.collate_fn)
        if iteration is None or iteration.following is None:
            return {"batches": 0, "start": None, "next": None, "states": plain(states)}
        return {
            "batches": iteration.given,
            "start": plain(iteration.start),
            "next": plain(iteration.following),
            "states": plain(states),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Lets the next iteration continue from a state of `state_dict`; `set_epoch` sets its epoch.

        Raises
        ------
        InputError
            The state is not one of `state_dict`.
        """
        if not {"batches", "start", "next", "states"} <= state_dict.keys():
            raise InputError(f"state_dict: expected the result of DataLoader.state_dict, found {kind(state_dict)}")
        self._resumed = state_dict

    def set_epoch(self, epoch: int) -> None:
        """Sets the number of the epoch of the samplers and the data set, from which random orders follow."""
        self.epoch = epoch
        inner = getattr(self.batch_sampler, "sampler", None)
        for owner in (self.batch_sampler, inner, self.sampler, self.dataset):
            set_epoch = getattr(owner, "set_epoch", None)
            if set_epoch is not None:
                set_epoch(epoch)

    def _indices(self) -> Any:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _read(self, place: Any) -> Any:
        """The examples of a batch."""
        if self._is_iterable:
            return place
        if self.batch_sampler is None:
            return self.dataset[place]
        several = getattr(self.dataset, "__getitems__", None)
        return [self.dataset[index] for index in place] if several is None else list(several(place))

    def _chunks(self) -> Iterator[Any]:
        examples = iter(self.dataset)
        if self.batch_size is None:
            yield from examples
            return
        while chunk := list(islice(examples, self.batch_size)):
            if len(chunk) == self.batch_size or not self.drop_last:
                yield chunk


def is_iterable(dataset: Any) -> bool:
    """Whether a data set is an iterable of examples, without an index.

    Raises
    ------
    InputError
        It has neither an index nor an order, or is a mapping of several data sets or columns.
    """
    if isinstance(dataset, Mapping):
        names = ", ".join(map(repr, dataset))
        raise InputError(f"dataset: expected one data set, found a mapping of {names:.80}; pass one of its values")
    if isinstance(dataset, str):
        raise InputError(
            f"dataset: expected a data set, found {kind(dataset)}; load it, for example with datasets.load_dataset"
        )
    if isinstance(dataset, DataLoader) or is_of_torch(dataset, "DataLoader"):
        raise InputError("dataset: found a DataLoader; pass its dataset, or override get_train_dataloader")
    if is_of_torch(dataset, "IterableDataset"):
        return True
    if hasattr(dataset, "__getitem__"):
        return False
    if not hasattr(dataset, "__iter__"):
        raise InputError(f"dataset: expected __len__ and __getitem__, or an iterable, found {kind(dataset)}")
    return True


def skip_first_batches(dataloader: Any, num_batches: int = 0) -> Any:
    """A loader without the first batches of each iteration, whose examples are not read.

    Examples of iterable data sets are read, but no batches are made of them.

    Parameters
    ----------
    dataloader
        A `DataLoader`, or any other iterable of batches, which are then made and left out.
    num_batches
        The number of batches.
    """
    if not isinstance(dataloader, DataLoader):
        return _Rest(dataloader, num_batches)
    other = copy.copy(dataloader)
    other._first_batch = num_batches
    other._iteration = other._resumed = None
    return other


class _Rest:
    """The batches of a loader without the first ones."""

    def __init__(self, dataloader: Any, first_batch: int) -> None:
        self._dataloader = dataloader
        self._first_batch = first_batch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dataloader, name)

    def __len__(self) -> int:
        return len(self._dataloader) - self._first_batch

    def __iter__(self) -> Iterator[Any]:
        return islice(self._dataloader, self._first_batch, None)


def _single(example: Any) -> Any:
    return example


def _count(argument: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError(f"{argument}: expected an int of at least 0, found {kind(value)}")
    return value
