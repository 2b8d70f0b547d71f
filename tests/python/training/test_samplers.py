"""Samplers give indices; test_orders.py compares their orders with transformers'."""

import numpy as np
import pytest
from trustformers import set_seed
from trustformers.errors import InputError
from trustformers.runtime.generators import Generator, default_generator
from trustformers.training.dataloader import DataLoader
from trustformers.training.samplers import (
    BatchSampler,
    LengthGroupedSampler,
    RandomSampler,
    SeedableRandomSampler,
    SequentialSampler,
    get_dataloader_sampler,
    get_length_grouped_indices,
    seedable,
)


def grouped(order: list[int], lengths: list[int]) -> list[int]:
    """One run, sorted by length."""
    return sorted(order, key=lambda index: -lengths[index])


def test_only_the_low_bits_of_a_seed_count() -> None:
    order = list(Generator().manual_seed(7).randperm(50))
    assert list(Generator().manual_seed(7 + 2**32).randperm(50)) == order
    assert list(Generator().manual_seed(8).randperm(50)) != order


def test_a_large_permutation_has_each_index_once() -> None:
    assert sorted(Generator().manual_seed(1).randperm(2**20 + 3)) == list(range(2**20 + 3))


def test_a_state_continues_the_numbers() -> None:
    generator = Generator().manual_seed(5)
    generator.randint(9, 700)
    state = generator.get_state()
    expected = generator.randint(9, 50)
    other = Generator()
    other.set_state(state)
    assert other.randint(9, 50) == expected
    assert other.initial_seed() == 5
    with pytest.raises(InputError, match="626 integers"):
        other.set_state(state[1:])


def test_set_seed_seeds_the_default_generator() -> None:
    set_seed(11)
    assert default_generator.initial_seed() == 11
    first = list(RandomSampler(range(20)))
    set_seed(11)
    assert list(RandomSampler(range(20))) == first


def test_the_order_follows_from_seed_and_epoch() -> None:
    sampler = SeedableRandomSampler(range(10), data_seed=40)
    epochs = [list(sampler) for _ in range(3)]
    assert epochs == [list(Generator().manual_seed(40 + epoch).randperm(10)) for epoch in range(3)]
    sampler.set_epoch(1)
    assert list(sampler) == epochs[1]


def test_random_samplers_become_seedable() -> None:
    set_seed(3)
    sampler = seedable(RandomSampler(range(10)))
    assert list(sampler) == list(Generator().manual_seed(3).randperm(10))
    assert seedable(sampler) is sampler
    sequential = SequentialSampler(range(3))
    assert seedable(sequential) is sequential


def test_samples_are_as_many_as_asked() -> None:
    generator = Generator().manual_seed(0)
    assert len(list(RandomSampler(range(10), num_samples=25, generator=generator))) == 25
    drawn = list(RandomSampler(range(3), replacement=True, num_samples=70, generator=generator))
    assert len(drawn) == 70
    assert set(drawn) == {0, 1, 2}


def test_batches_drop_a_last_short_one_on_request() -> None:
    assert list(BatchSampler(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(BatchSampler(range(5), 2, drop_last=True)) == [[0, 1], [2, 3]]
    assert len(BatchSampler(range(5), 2)) == 3
    assert len(BatchSampler(range(5), 2, drop_last=True)) == 2


def test_lengths_are_grouped_in_runs_of_batches() -> None:
    lengths = [(7 * index) % 13 for index in range(40)]
    order = list(Generator().manual_seed(2).randperm(40))
    indices = get_length_grouped_indices(lengths, 2, generator=Generator().manual_seed(2))
    runs = [grouped(order[start : start + 10], lengths) for start in range(0, 40, 10)]
    assert sorted(indices) == list(range(40))
    assert lengths[indices[0]] == max(lengths)
    assert [set(indices[start : start + 10]) - {indices[0], runs[0][0]} for start in range(0, 40, 10)] == [
        set(run) - {indices[0], runs[0][0]} for run in runs
    ]


def test_lengths_are_counted_in_examples() -> None:
    rows = [{"input_ids": [1] * length} for length in (3, 1, 2)]
    assert LengthGroupedSampler(2, rows).lengths == [3, 1, 2]
    with pytest.raises(InputError, match="example 0 has no 'tokens'"):
        LengthGroupedSampler(2, rows, model_input_name="tokens")
    with pytest.raises(InputError, match="dataset or lengths"):
        LengthGroupedSampler(2)


def test_bad_arguments_are_named() -> None:
    with pytest.raises(InputError, match="no examples"):
        RandomSampler([])
    with pytest.raises(InputError, match="num_samples"):
        RandomSampler([1], num_samples=0)
    with pytest.raises(InputError, match="batch_size"):
        BatchSampler(range(3), 0)
    with pytest.raises(InputError, match="seed"):
        Generator().manual_seed(2**64)


def test_the_sampler_of_a_loader_is_found() -> None:
    sampler = SequentialSampler(range(3))
    assert get_dataloader_sampler(DataLoader(range(3), 2, sampler=sampler)) is sampler
    assert get_dataloader_sampler(DataLoader(range(3), batch_sampler=BatchSampler(sampler, 2))) is sampler
    assert get_dataloader_sampler([]) is None


def test_an_iteration_that_ends_late_does_not_change_the_next_epoch() -> None:
    sampler = SeedableRandomSampler(range(4), data_seed=0)
    first = iter(sampler)
    for _ in range(4):
        next(first)
    sampler.set_epoch(1)
    assert list(first) == []
    assert sampler.epoch == 1


def test_probabilities_are_drawn_as_torch_draws_them() -> None:
    """`torch.bernoulli(torch.full((2, 8), 0.4), generator=torch.Generator().manual_seed(3))` of torch 2.15."""
    drawn = Generator().manual_seed(3).bernoulli(np.full((2, 8), 0.4, np.float32))
    assert drawn.astype(int).tolist() == [[1, 1, 1, 1, 0, 1, 0, 0], [0, 0, 0, 0, 1, 0, 1, 0]]
