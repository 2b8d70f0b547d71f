"""Data loaders make the batches of torch's, ahead in a thread."""

import json
import random
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from trustformers import set_seed
from trustformers.errors import InputError
from trustformers.runtime.generators import Generator, default_generator
from trustformers.training.dataloader import DataLoader, skip_first_batches
from trustformers.training.samplers import LengthGroupedSampler, SeedableRandomSampler


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


class Noise:
    """A collator that draws from each generator."""

    def __init__(self) -> None:
        self.generator: Any = None

    def __call__(self, rows: list[int]) -> tuple[Any, ...]:
        if self.generator is None:
            self.generator = np.random.default_rng(5)
        drawn = (random.random(), np.random.random(), default_generator.random64(), self.generator.random())
        return (rows, *drawn)


def trained(loader: Any, evaluation: Any, epochs: int, log: list[Any], step: int = 0) -> None:
    """Reads batches, and evaluates after each third."""
    for batch in loader:
        log.append(batch)
        step += 1
        if step % 3 == 0:
            log.append(list(evaluation))
    if epochs > 1:
        trained(loader, evaluation, epochs - 1, log, step)


def loaders(factor: int | None, workers: int = 0) -> tuple[Any, Any]:
    set_seed(1)
    noise = Noise()
    sampler = LengthGroupedSampler(2, lengths=[(5 * index) % 7 for index in range(11)])
    options: dict[str, Any] = {"prefetch_factor": factor, "num_workers": workers, "collate_fn": noise}
    return DataLoader(list(range(11)), 2, sampler=sampler, **options), DataLoader(list(range(3)), 2, **options)


@pytest.mark.parametrize(("factor", "workers"), [(None, 0), (1, 0), (5, 0), (2, 3)])
def test_random_numbers_do_not_depend_on_how_far_threads_are_ahead(factor: int | None, workers: int) -> None:
    expected: list[Any] = []
    trained(*loaders(0), 2, expected)
    found: list[Any] = []
    trained(*loaders(factor, workers), 2, found)
    assert found == expected


def test_batches_draw_in_the_order_of_transformers() -> None:
    """One batch is made ahead of the one in use when an evaluation draws."""
    loader, evaluation = loaders(None)
    batches = iter(loader)
    used = [next(batches) for _ in range(3)]
    evaluated = list(evaluation)
    used += list(batches)
    set_seed(1)
    default_generator.random64()
    list(default_generator.randperm(11))
    numbers = [default_generator.random64() for _ in range(10)]
    # The evaluation draws a seed first.
    assert [batch[3] for batch in [*used[:4], *evaluated, *used[4:]]] == numbers[:4] + numbers[5:9]


@pytest.mark.parametrize("stop", [1, 3, 4, 5, 6, 8])
@pytest.mark.parametrize("factor", [None, 0])
def test_a_resumed_iteration_has_the_batches_that_follow(stop: int, factor: int | None) -> None:
    loader, evaluation = loaders(factor)
    whole: list[Any] = []
    state = None
    step = 0
    for _ in range(2):
        for batch in loader:
            whole.append(batch)
            step += 1
            if step % 3 == 0:
                whole.append(list(evaluation))
            if step == stop:
                state = json.loads(json.dumps(loader.state_dict()))
                before = len(whole)
    assert state is not None

    set_seed(99)
    noise = Noise()
    resumed, evaluation = loaders(factor)
    set_seed(99)
    resumed.collate_fn = evaluation.collate_fn = noise
    resumed.load_state_dict(state)
    rest: list[Any] = []
    step = stop
    for _ in range(1 if stop >= 6 else 2):
        for batch in resumed:
            rest.append(batch)
            step += 1
            if step % 3 == 0:
                rest.append(list(evaluation))
    assert rest == whole[before:]


def test_an_abandoned_iteration_leaves_the_numbers_where_they_were() -> None:
    following = []
    for factor in (0, None, 1, 4):
        loader, evaluation = loaders(factor)
        for batch in loader:
            assert batch[0]
            break
        following.append(list(evaluation))
    assert following[1:] == following[:1] * 3


def test_a_state_of_something_else_is_an_error() -> None:
    with pytest.raises(InputError, match=r"DataLoader\.state_dict"):
        DataLoader([1]).load_state_dict({"step": 1})


def test_two_loaders_take_turns() -> None:
    pairs = zip(DataLoader(range(6), 2, collate_fn=list), DataLoader(range(3), 1, collate_fn=list), strict=True)
    assert list(pairs) == [([0, 1], [0]), ([2, 3], [1]), ([4, 5], [2])]


def test_a_failed_batch_made_ahead_fails_again_after_an_evaluation() -> None:
    batches = iter(DataLoader(Squares(9, bad=5), 2, collate_fn=list))
    assert next(batches) == [0, 1]
    assert list(DataLoader([7], collate_fn=list)) == [[7]]
    assert next(batches) == [4, 9]
    with pytest.raises(ZeroDivisionError):
        next(batches)


def test_an_abandoned_iteration_can_be_resumed() -> None:
    loader, _ = loaders(None)
    whole = list(loader)
    loader, _ = loaders(None)
    for given, _ in enumerate(loader, 1):
        if given == 3:
            break
    state = loader.state_dict()
    assert state["batches"] == 3
    resumed, _ = loaders(None)
    set_seed(99)
    resumed.load_state_dict(state)
    assert list(resumed) == whole[3:]
