"""The parts of the data that each of several processes trains on, as accelerate divides it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from itertools import islice
from typing import Any

from trustformers._checks.arguments import kind
from trustformers.distributed.world import world
from trustformers.errors import InputError
from trustformers.runtime.generators import Generator
from trustformers.training.samplers import BatchSampler, Sampler

__all__ = ["DistributedSampler", "IterableShard", "ShardedBatchSampler"]


class ShardedBatchSampler(Sampler[list[int]]):
    """Every n-th batch of a batch sampler.

    For training, all processes get equally many batches of full size: the last ones are completed with the first
    examples, or left out with `drop_last`.

    Parameters
    ----------
    batch_sampler
        The batches, the same in all processes.
    num_processes
        The number of processes.
    process_index
        The index of this one.
    even
        Whether the batches are for training; for evaluation each batch comes once, as it is.
    """

    def __init__(
        self, batch_sampler: BatchSampler, num_processes: int, process_index: int, *, even: bool = True
    ) -> None:
        self.batch_sampler, self.even = batch_sampler, even
        self.num_processes, self.process_index = num_processes, process_index
        self.batch_size: int = batch_sampler.batch_size
        self.drop_last: bool = batch_sampler.drop_last

    @property
    def sampler(self) -> Any:
        """The sampler of the examples."""
        return self.batch_sampler.sampler

    def __len__(self) -> int:
        count, rest = divmod(len(self.batch_sampler), self.num_processes)
        if not self.even:
            return count + (rest > self.process_index)
        return count + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[list[int]]:
        batches = iter(self.batch_sampler)
        if not self.even:
            yield from islice(batches, self.process_index, None, self.num_processes)
            return
        total, first = self.num_processes * self.batch_size, None
        while group := list(islice(batches, self.num_processes)):
            indices = [index for batch in group for index in batch]
            first = indices if first is None else first
            if len(indices) < total:
                if self.drop_last:
                    return
                indices = _completed(indices, first, total)
            yield indices[self.process_index * self.batch_size :][: self.batch_size]


class IterableShard:
    """This process's examples of an iterable data set, which every process reads as a whole.

    It has a length if the data set has one.

    Parameters
    ----------
    dataset
        The data set, with the same examples in all processes.
    batch_size
        The number of examples of a batch of a process.
    drop_last
        Whether examples that do not fill the batches of all processes are left out; otherwise they are completed with
        the first ones for training, and stay as they are for evaluation.
    num_processes
        The number of processes.
    process_index
        The index of this one.
    even
        As in `ShardedBatchSampler`.
    """

    def __init__(
        self,
        dataset: Iterable[Any],
        batch_size: int,
        drop_last: bool,
        num_processes: int,
        process_index: int,
        *,
        even: bool = True,
    ) -> None:
        self.even = even
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.num_processes, self.process_index = num_processes, process_index

    def __getattr__(self, name: str) -> Any:
        if name in ("dataset", "__getitem__"):
            raise AttributeError(name)
        return getattr(self.dataset, name)

    def __len__(self) -> int:
        count, total = len(self.dataset), self.batch_size * self.num_processes  # type: ignore[arg-type]
        groups, rest = divmod(count, total)
        if self.even:
            return self.batch_size * (groups + (rest > 0 and not self.drop_last))
        return self.batch_size * groups + min(max(rest - self.process_index * self.batch_size, 0), self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        total = self.batch_size * self.num_processes
        own = slice(self.process_index * self.batch_size, (self.process_index + 1) * self.batch_size)
        examples, first = iter(self.dataset), None
        while group := list(islice(examples, total)):
            first = group if first is None else first
            if len(group) < total and self.even:
                if self.drop_last:
                    return
                group = _completed(group, first, total)
            yield from group[own]


def _completed(found: list[Any], first: list[Any], total: int) -> list[Any]:
    """A list with as many elements of another, in turn, as it lacks."""
    return found + (first * -(-total // len(first)))[: total - len(found)]


class DistributedSampler(Sampler[int]):
    """The indices of this process, in the order of torch's class for the same seed and epoch.

    Parameters
    ----------
    dataset
        The data set.
    num_replicas, rank
        The number of processes and the index of this one, by default those of the job.
    shuffle
        Whether the order is random; it depends on the seed and the epoch.
    seed
        The seed, the same in all processes.
    drop_last
        Whether examples that do not divide evenly are left out; otherwise some are repeated.

    Raises
    ------
    InputError
        The rank is not that of a process, or the data set has no length.
    """

    def __init__(  # noqa: PLR0917  # the order of torch's arguments
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if not hasattr(dataset, "__len__"):
            raise InputError(f"dataset: expected one with a length, found {kind(dataset)}")
        self.dataset = dataset
        self.num_replicas: int = world().size if num_replicas is None else num_replicas
        self.rank: int = world().rank if rank is None else rank
        if not 0 <= self.rank < self.num_replicas:
            raise InputError(f"rank: expected one from 0 to {self.num_replicas - 1}, found {self.rank}")
        self.epoch: int = 0
        self.shuffle, self.seed, self.drop_last = shuffle, seed, drop_last
        count = len(dataset)
        self.num_samples: int = count // self.num_replicas if drop_last else -(-count // self.num_replicas)
        self.total_size: int = self.num_samples * self.num_replicas

    def __len__(self) -> int:
        return self.num_samples

    def __iter__(self) -> Iterator[int]:
        count = len(self.dataset)
        order = list(range(count))
        if self.shuffle:
            order = list(Generator().manual_seed(self.seed + self.epoch).randperm(count))
        if order and len(order) < self.total_size:
            order = _completed(order, order, self.total_size)
        return iter(order[self.rank : self.total_size : self.num_replicas])

    def set_epoch(self, epoch: int) -> None:
        """Sets the number of the epoch, on which the order depends."""
        self.epoch = epoch
