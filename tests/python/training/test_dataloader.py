"""Data loaders make the batches of torch's, ahead in a thread."""

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from trustformers import set_seed
from trustformers.errors import InputError
from trustformers.runtime.generators import Generator
from trustformers.training.dataloader import DataLoader, skip_first_batches
from trustformers.training.samplers import SeedableRandomSampler


class Squares:
    """Counts which examples are read."""

    def __init__(self, count: int, bad: int | None = None) -> None:
        self.count, self.bad = count, bad
        self.read: list[int] = []

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> int:
        if index == self.bad:
            raise ZeroDivisionError(f"example {index}")
        self.read.append(index)
        return index * index


class Stream:
    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.count))


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("trustformers-")]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert threads() == []


@pytest.mark.parametrize("workers", [0, 1, 3])
@pytest.mark.parametrize("factor", [None, 0, 1])
def test_batches_come_in_order(workers: int, factor: int | None) -> None:
    loader = DataLoader(Squares(7), 3, num_workers=workers, prefetch_factor=factor, collate_fn=list)
    assert list(loader) == [[0, 1, 4], [9, 16, 25], [36]]
    assert list(loader) == [[0, 1, 4], [9, 16, 25], [36]]
    assert len(loader) == 3


def test_dictionaries_become_tensors_by_default() -> None:
    rows = [{"input_ids": [1, 2], "label": index} for index in range(3)]
    batch = next(iter(DataLoader(rows, 2)))
    assert np.asarray(batch["input_ids"]).tolist() == [[1, 2], [1, 2]]
    assert np.asarray(batch["labels"]).tolist() == [0, 1]


def test_shuffled_order_follows_from_the_seed() -> None:
    set_seed(0)
    first = list(DataLoader(range(20), 4, shuffle=True, collate_fn=list))
    second = list(DataLoader(range(20), 4, shuffle=True, collate_fn=list))
    set_seed(0)
    assert list(DataLoader(range(20), 4, shuffle=True, collate_fn=list)) == first
    assert first != second


def test_iterables_are_read_in_their_order() -> None:
    loader = DataLoader(Stream(5), 2, collate_fn=list)
    assert list(loader) == [[0, 1], [2, 3], [4]]
    assert list(DataLoader(Stream(5), 2, collate_fn=list, drop_last=True)) == [[0, 1], [2, 3]]
    with pytest.raises(TypeError):
        len(loader)
    with pytest.raises(InputError, match="order of its own"):
        DataLoader(Stream(5), shuffle=True)


def test_skipped_examples_are_not_read() -> None:
    data = Squares(10)
    sampler = SeedableRandomSampler(data, data_seed=4)
    loader = DataLoader(data, 2, sampler=sampler, collate_fn=list)
    loader.set_epoch(1)
    whole = list(loader)
    data.read.clear()
    loader.set_epoch(1)
    rest = skip_first_batches(loader, 3)
    assert list(rest) == whole[3:]
    assert len(rest) == 2
    assert data.read == list(Generator().manual_seed(5).randperm(10))[6:]


def test_skipped_examples_of_an_iterable_are_not_collated() -> None:
    collated: list[list[int]] = []

    def collate(rows: list[int]) -> list[int]:
        collated.append(rows)
        return rows

    assert list(skip_first_batches(DataLoader(Stream(6), 2, collate_fn=collate), 2)) == [[4, 5]]
    assert collated == [[4, 5]]


def test_any_loader_can_be_skipped() -> None:
    rest = skip_first_batches([[1], [2], [3]], 2)
    assert list(rest) == [[3]]
    assert len(rest) == 1


@pytest.mark.parametrize("workers", [0, 2])
def test_exceptions_of_the_data_set_reach_the_caller_at_their_batch(workers: int) -> None:
    batches = iter(DataLoader(Squares(9, bad=5), 2, num_workers=workers, collate_fn=list))
    assert [next(batches), next(batches)] == [[0, 1], [4, 9]]
    with pytest.raises(ZeroDivisionError, match="example 5"):
        next(batches)


def test_exceptions_of_the_collator_reach_the_caller() -> None:
    def collate(rows: list[int]) -> Any:
        raise StopIteration("inside")

    with pytest.raises(RuntimeError):
        list(DataLoader(range(3), collate_fn=collate))


@pytest.mark.parametrize("workers", [0, 2])
def test_an_abandoned_iteration_ends_its_threads(workers: int) -> None:
    for batch in DataLoader(Squares(1000), 2, num_workers=workers, collate_fn=list):
        assert batch == [0, 1]
        break
    assert threads() == []


def test_batches_are_made_while_the_caller_works() -> None:
    read_ahead = threading.Event()

    class Watched(Squares):
        def __getitem__(self, index: int) -> int:
            if index == 5:
                read_ahead.set()
            return super().__getitem__(index)

    batches = iter(DataLoader(Watched(8), 2, collate_fn=list))
    assert next(batches) == [0, 1]
    assert read_ahead.wait(60)
    assert list(batches) == [[4, 9], [16, 25], [36, 49]]


def test_several_examples_are_read_at_once_where_a_data_set_can() -> None:
    class Table(Squares):
        def __getitems__(self, indices: list[int]) -> list[str]:
            return [f"row {index}" for index in indices]

    assert list(DataLoader(Table(3), 2, collate_fn=list)) == [["row 0", "row 1"], ["row 2"]]


def test_single_examples_come_without_a_batch_size() -> None:
    assert list(DataLoader(Squares(3), None)) == [0, 1, 4]
    assert list(DataLoader(Stream(3), None)) == [0, 1, 2]


def test_bad_arguments_are_named() -> None:
    with pytest.raises(InputError, match="mapping of 'train', 'test'"):
        DataLoader({"train": [], "test": []})
    with pytest.raises(InputError, match="batch_size"):
        DataLoader([1], 0)
    with pytest.raises(InputError, match="num_workers"):
        DataLoader([1], num_workers=-1)
    with pytest.raises(InputError, match="leave it out with a sampler"):
        DataLoader([1], shuffle=True, sampler=[0])
    with pytest.raises(InputError, match="leave out batch_size"):
        DataLoader([1], 2, batch_sampler=[[0]])
    with pytest.raises(InputError, match="__getitem__"):
        DataLoader(3)
    with pytest.raises(InputError, match="collate_fn"):
        DataLoader([1], collate_fn=3)  # type: ignore[arg-type]
