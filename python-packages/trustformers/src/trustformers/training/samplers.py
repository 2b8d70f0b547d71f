"""Samplers, which give the indices of examples in the order of torch, Accelerate and transformers for the same seed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

from trustformers._checks.arguments import kind
from trustformers.errors import InputError
from trustformers.runtime.generators import Generator, default_generator

__all__ = [
    "BatchSampler",
    "LengthGroupedSampler",
    "RandomSampler",
    "Sampler",
    "SeedableRandomSampler",
    "SequentialSampler",
    "get_dataloader_sampler",
    "get_length_grouped_indices",
    "seedable",
]

Index_co = TypeVar("Index_co", covariant=True)

# How many indices with replacement torch draws at once.
_DRAWN_AT_ONCE = 32


class Sampler(Generic[Index_co]):
    """Base of samplers: an iterable of indices."""

    def __iter__(self) -> Iterator[Index_co]:
        raise NotImplementedError


class SequentialSampler(Sampler[int]):
    """All indices in their order.

    Parameters
    ----------
    data_source
        The data set.
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """Indices in random order, another one in each iteration.

    Parameters
    ----------
    data_source
        The data set.
    replacement
        Whether an index may come several times.
    num_samples
        The number of indices; by default that of the examples.
    generator
        The generator of the order; by default each iteration draws the seed of its own from the default generator,
        which `set_seed` seeds.

    Raises
    ------
    InputError
        An argument is wrong, or the data set is empty.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise InputError(f"replacement: expected a bool, found {kind(replacement)}")
        if generator is not None and not isinstance(generator, Generator):
            raise InputError(f"generator: expected a trustformers.runtime.Generator, found {kind(generator)}")
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = None if num_samples is None else positive("num_samples", num_samples)
        self.generator = generator
        if not len(data_source):
            raise InputError("data_source: the data set has no examples")

    @property
    def num_samples(self) -> int:
        """The number of indices."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        generator = self.generator
        if generator is None:
            generator = Generator().manual_seed(default_generator.random64() % 2**63)
        # The draws are those of torch, so that a generator has torch's state after an epoch.
        count, total = len(self.data_source), self.num_samples
        if self.replacement:
            for start in range(0, total, _DRAWN_AT_ONCE):
                yield from generator.randint(count, min(total - start, _DRAWN_AT_ONCE))
            return
        for _ in range(total // count):
            yield from generator.randperm(count)
        yield from islice(generator.randperm(count), total % count)

    def __len__(self) -> int:
        return self.num_samples


class SeedableRandomSampler(RandomSampler):
    """Indices in a random order that the seed and the epoch determine, as in transformers' `Trainer`.

    Parameters
    ----------
    data_source, replacement, num_samples, generator
        As in `RandomSampler`.
    data_seed
        The seed, to which the number of the epoch is added; by default that of the default generator.
    """

    generator: Generator

    def __init__(self, *args: Any, data_seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial_seed: int = default_generator.initial_seed() if data_seed is None else data_seed
        self.epoch: int = 0

    def __iter__(self) -> Iterator[int]:
        if self.generator is None:
            self.generator = Generator()
        epoch = self.epoch
        self.generator.manual_seed(epoch + self.initial_seed)
        yield from super().__iter__()
        # An iteration may end after the epoch was set for another one.
        if self.epoch == epoch:
            self.set_epoch(epoch + 1)

    def set_epoch(self, epoch: int) -> None:
        """Sets the number of the epoch."""
        self.epoch = epoch


def seedable(sampler: Any, data_seed: int | None = None) -> Any:
    """The sampler that Accelerate uses in place of another: a `SeedableRandomSampler` for random ones.

    Parameters
    ----------
    sampler
        A sampler of trustformers or torch; others than random ones are returned as they are.
    data_seed
        As in `SeedableRandomSampler`.
    """
    is_random = isinstance(sampler, RandomSampler) or is_of_torch(sampler, "RandomSampler")
    if not is_random or isinstance(sampler, SeedableRandomSampler):
        return sampler
    return SeedableRandomSampler(sampler.data_source, sampler.replacement, sampler._num_samples, data_seed=data_seed)


def get_dataloader_sampler(dataloader: Any) -> Any:
    """The sampler of a loader, under its batch samplers; None if it has none."""
    inner = getattr(dataloader, "batch_sampler", None)
    return getattr(dataloader, "sampler", None) if inner is None else get_dataloader_sampler(inner)


class BatchSampler(Sampler[list[int]]):
    """Lists of the indices of another sampler.

    Parameters
    ----------
    sampler
        The sampler, or any iterable of indices.
    batch_size
        The number of indices of a list.
    drop_last
        Whether a last list with fewer indices is left out.
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool = False) -> None:
        self.sampler = sampler
        self.batch_size: int = positive("batch_size", batch_size)
        self.drop_last: bool = bool(drop_last)

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]  # iterables without a length have none here either
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


def get_length_grouped_indices(
    lengths: Sequence[int], batch_size: int, mega_batch_mult: int | None = None, generator: Generator | None = None
) -> list[int]:
    """Indices in random order, of which those of a batch have similar lengths; the longest example is the first.

    Parameters
    ----------
    lengths
        The length of each example.
    batch_size
        The number of examples of a batch.
    mega_batch_mult
        Each run of this number of batches is sorted by length; by default 50, and fewer for less than 200 batches.
    generator
        The generator of the order; by default the one that `set_seed` seeds.
    """
    if mega_batch_mult is None:
        mega_batch_mult = min(len(lengths) // (batch_size * 4), 50) or 1
    order = list((generator or default_generator).randperm(len(lengths)))
    size = mega_batch_mult * batch_size
    runs = [
        sorted(order[start : start + size], key=lengths.__getitem__, reverse=True)
        for start in range(0, len(order), size)
    ]
    if runs:
        longest = max(runs, key=lambda run: lengths[run[0]])
        runs[0][0], longest[0] = longest[0], runs[0][0]
    return [index for run in runs for index in run]


class LengthGroupedSampler(Sampler[int]):
    """Indices in random order, of which those of a batch have similar lengths.

    Parameters
    ----------
    batch_size
        The number of examples of a batch.
    dataset
        The data set, whose lengths are counted if they are not given.
    lengths
        The length of each example.
    model_input_name
        The column whose lengths are counted.
    generator
        The generator of the order; by default the one that `set_seed` seeds.

    Raises
    ------
    InputError
        There are neither lengths nor examples with such a column.
    """

    def __init__(
        self,
        batch_size: int,
        dataset: Any = None,
        lengths: Any = None,
        model_input_name: str | None = None,
        generator: Generator | None = None,
    ) -> None:
        if dataset is None and lengths is None:
            raise InputError("lengths: missing; pass dataset or lengths")
        self.batch_size: int = positive("batch_size", batch_size)
        if lengths is None:
            lengths = _lengths(dataset, model_input_name or "input_ids")
        self.lengths: list[int] = lengths.tolist() if hasattr(lengths, "tolist") else list(lengths)
        self.generator = generator

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        return iter(get_length_grouped_indices(self.lengths, self.batch_size, generator=self.generator))


def positive(argument: str, value: object) -> int:
    """The value, which is an integer of at least 1.

    Raises
    ------
    InputError
        It is something else; the message names the argument.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{argument}: expected an int of at least 1, found {kind(value)}")
    return value


def is_of_torch(value: object, name: str) -> bool:
    """Whether a value is an instance of a class of `torch.utils.data`."""
    torch: Any = sys.modules.get("torch")
    return torch is not None and isinstance(value, getattr(torch.utils.data, name))


def _lengths(dataset: Any, column: str) -> list[int]:
    if hasattr(dataset, "column_names") and column in dataset.column_names:
        return [len(values) for values in dataset[column]]
    lengths = []
    for index in range(len(dataset)):
        example = dataset[index]
        if not isinstance(example, Mapping) or column not in example:
            raise InputError(
                f"dataset: example {index} has no {column!r}, whose lengths group examples; add a column of lengths "
                "and name it in length_column_name, or pass lengths"
            )
        lengths.append(len(example[column]))
    return lengths
