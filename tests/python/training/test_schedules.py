"""Schedules of learning rates, by their values in transformers 5.23.0 for three steps of warmup and ten altogether."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from trustformers import Tensor, get_scheduler
from trustformers.errors import InputError, UnsupportedError
from trustformers.optimization import get_wsd_schedule
from trustformers.training import SGD, LambdaLR, ReduceLROnPlateau

# Percents of one: the learning rates of twelve steps from 0.01.
VALUES: list[tuple[str, dict[str, Any], list[float]]] = [
    (
        "linear",
        dict(),
        [0, 0.3333333, 0.6666667, 1, 0.8571429, 0.7142857, 0.5714286, 0.4285714, 0.2857143, 0.1428571, 0, 0],
    ),
    (
        "cosine",
        dict(),
        [0, 0.3333333, 0.6666667, 1, 0.9504844, 0.8117449, 0.6112605, 0.3887395, 0.1882551, 0.04951557, 0, 0.04951557],
    ),
    (
        "cosine_with_restarts",
        dict(num_cycles=2),
        [0, 0.3333333, 0.6666667, 1, 0.8117449, 0.3887395, 0.04951557, 0.9504844, 0.6112605, 0.1882551, 0, 0],
    ),
    (
        "polynomial",
        dict(lr_end=0.001, power=2.0),
        [0, 0.3333333, 0.6666667, 1, 0.7612245, 0.5591837, 0.3938776, 0.2653061, 0.1734694, 0.1183673, 0.1, 0.1],
    ),
    ("constant", dict(), [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
    ("constant_with_warmup", dict(), [0, 0.3333333, 0.6666667, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
    (
        "inverse_sqrt",
        dict(),
        [
            0,
            0.3333333,
            0.6666667,
            1,
            0.8660254,
            0.7745967,
            0.7071068,
            0.6546537,
            0.6123724,
            0.5773503,
            0.5477226,
            0.522233,
        ],
    ),
    (
        "inverse_sqrt",
        dict(timescale=8),
        [
            0,
            0.3333333,
            0.6666667,
            1,
            0.942809,
            0.8944272,
            0.8528029,
            0.8164966,
            0.7844645,
            0.7559289,
            0.7302967,
            0.7071068,
        ],
    ),
    (
        "cosine_with_min_lr",
        dict(min_lr=0.001),
        [0, 0.3333333, 0.6666667, 1, 0.955436, 0.8305704, 0.6501344, 0.4498656, 0.2694296, 0.144564, 0.1, 0.144564],
    ),
    (
        "cosine_with_min_lr",
        dict(min_lr_rate=0.1, num_cycles=1),
        [0, 0.3333333, 0.6666667, 1, 0.8305704, 0.4498656, 0.144564, 0.144564, 0.4498656, 0.8305704, 1, 0.8305704],
    ),
    (
        "cosine_warmup_with_min_lr",
        dict(min_lr_rate=0.1),
        [
            0.3333333,
            0.6666667,
            1,
            0.955436,
            0.8305704,
            0.6501344,
            0.4498656,
            0.2694296,
            0.144564,
            0.1,
            0.144564,
            0.2694296,
        ],
    ),
    (
        "cosine_warmup_with_min_lr",
        dict(min_lr=0.001, warmup_lr_rate=0.2),
        [0.2, 0.6, 1, 0.955436, 0.8305704, 0.6501344, 0.4498656, 0.2694296, 0.144564, 0.1, 0.144564, 0.2694296],
    ),
    (
        "warmup_stable_decay",
        dict(num_decay_steps=4),
        [0, 0.3333333, 0.6666667, 1, 1, 1, 1, 0.8535534, 0.5, 0.1464466, 0, 0],
    ),
    (
        "warmup_stable_decay",
        dict(num_decay_steps=4, warmup_type="cosine", decay_type="1-sqrt", min_lr_ratio=0.1),
        [0.1, 0.325, 0.775, 1, 1, 1, 1, 0.55, 0.3636039, 0.2205771, 0.1, 0.1],
    ),
    (
        "warmup_stable_decay",
        dict(num_decay_steps=4, warmup_type="1-sqrt", decay_type="linear"),
        [0, 0.1835034, 0.4226497, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0, 0],
    ),
]


def optimizer(*rates: float) -> SGD:
    groups: list[dict[str, Any]] = [{"params": [Tensor([0.0], requires_grad=True)], "lr": lr} for lr in rates]
    return SGD(groups or [{"params": [Tensor([0.0], requires_grad=True)]}], lr=0.01)


def advance(scheduler: Any, steps: int) -> list[list[float]]:
    found = []
    for _ in range(steps):
        found.append(scheduler.get_last_lr())
        scheduler.optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize(("name", "options", "values"), VALUES)
def test_a_schedule_has_the_learning_rates_of_transformers(
    name: str, options: dict[str, Any], values: list[float]
) -> None:
    found = advance(get_scheduler(name, optimizer(), 3, 10, options), 12)
    assert [100 * lr for (lr,) in found] == pytest.approx(values, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(("name", "options", "values"), VALUES)
def test_a_schedule_resumes_from_its_state(name: str, options: dict[str, Any], values: list[float]) -> None:
    before = get_scheduler(name, optimizer(), 3, 10, options)
    advance(before, 5)
    after = get_scheduler(name, optimizer(), 3, 10, options)
    after.load_state_dict(before.state_dict())
    assert 100 * after.get_last_lr()[0] == pytest.approx(values[5], rel=1e-6)
    assert advance(after, 4)[1:] == advance(before, 4)[1:]


def test_a_schedule_changes_the_groups_of_the_optimizer() -> None:
    groups = optimizer(0.1, 0.2)
    scheduler = get_scheduler("linear", groups, 2, 10)
    assert [group["lr"] for group in groups.param_groups] == [0.0, 0.0]
    advance(scheduler, 1)
    assert [group["lr"] for group in groups.param_groups] == [0.05, 0.1]
    assert [group["initial_lr"] for group in groups.param_groups] == [0.1, 0.2]


def test_a_function_for_each_group() -> None:
    scheduler = LambdaLR(optimizer(0.1, 0.2), [lambda step: 1 / (1 + step), lambda step: 0.5])
    assert advance(scheduler, 2) == [[0.1, 0.1], [0.05, 0.1]]
    assert scheduler.state_dict()["lr_lambdas"] == [None, None]
    with pytest.raises(InputError, match="lr_lambda: expected 2 functions, one for each group, found 1"):
        LambdaLR(optimizer(0.1, 0.2), [lambda step: 1.0])


def test_the_state_of_a_schedule_has_the_keys_of_torch() -> None:
    assert get_scheduler("linear", optimizer(), 0, 10).state_dict() == {
        "base_lrs": [0.01],
        "last_epoch": 0,
        "_step_count": 1,
        "_is_initial": False,
        "_get_lr_called_within_step": False,
        "_last_lr": [0.01],
        "lr_lambdas": [{}],
    }


def test_a_scheduler_that_skips_the_first_learning_rate_warns() -> None:
    scheduler = get_scheduler("linear", optimizer(), 0, 10)
    with pytest.warns(UserWarning, match=r"call optimizer.step\(\) first"):
        scheduler.step()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        advance(get_scheduler("linear", optimizer(), 0, 10), 3)


def test_a_scheduler_resumes_from_a_step_only_with_an_initial_learning_rate() -> None:
    with pytest.raises(KeyError, match=r"param_groups\[0\] has no 'initial_lr'"):
        LambdaLR(optimizer(), lambda step: 1.0, last_epoch=4)
    groups = optimizer()
    groups.param_groups[0]["initial_lr"] = 1.0
    assert LambdaLR(groups, lambda step: 1 / step, last_epoch=4).get_last_lr() == [0.2]


def test_a_plateau_reduces_the_learning_rate() -> None:
    scheduler = ReduceLROnPlateau(optimizer(1.0), factor=0.5, patience=1, cooldown=2, min_lr=0.2)
    rates = []
    for metric in (3.0, 2.0, 2.0, 2.5, 2.5, 2.5, 2.5, 2.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0):
        scheduler.step(metric)
        rates.append(scheduler.get_last_lr()[0])
    assert rates == [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2]
    resumed = get_scheduler("reduce_lr_on_plateau", optimizer(0.2), scheduler_specific_kwargs={"mode": "max"})
    resumed.load_state_dict(scheduler.state_dict())
    assert (resumed.best, resumed.mode, resumed.in_cooldown) == (1.0, "min", scheduler.in_cooldown)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "least"}, "mode: expected 'min' or 'max', found 'least'"),
        ({"threshold_mode": "part"}, "threshold_mode: expected 'rel' or 'abs'"),
        ({"factor": 1.0}, "factor: expected one below 1"),
        ({"min_lr": [0.1, 0.2]}, "min_lr: expected 1 numbers"),
    ],
)
def test_wrong_options_of_a_plateau_are_errors(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ReduceLROnPlateau(optimizer(), **options)


@pytest.mark.parametrize(
    ("name", "steps", "options", "message"),
    [
        ("linear", (None, 10), {}, "num_warmup_steps: the schedule 'linear' needs it"),
        ("cosine", (1, None), {}, "num_training_steps: the schedule 'cosine' needs it"),
        ("cosine_with_min_lr", (1, 10), {}, "give either min_lr or min_lr_rate"),
        ("cosine_with_min_lr", (1, 10), {"min_lr": 0.1, "min_lr_rate": 0.1}, "give either min_lr or min_lr_rate"),
        ("polynomial", (1, 10), {"lr_end": 0.01}, "lr_end: expected one below the learning rate 0.01"),
        ("warmup_stable_decay", (1, None), {"num_decay_steps": 1}, "num_stable_steps: is needed"),
        (
            "warmup_stable_decay",
            (1, 9),
            {"num_decay_steps": 1, "decay_type": "x"},
            "decay_type: expected one of linear",
        ),
        ("fast", (1, 10), {}, "fast"),
    ],
)
def test_a_schedule_without_what_it_needs_is_an_error(
    name: str, steps: tuple[Any, Any], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        get_scheduler(name, optimizer(), *steps, options)


def test_stable_steps_go_before_the_number_of_all_steps() -> None:
    with pytest.warns(UserWarning, match="num_training_steps is ignored"):
        scheduler = get_wsd_schedule(optimizer(), 1, 2, num_training_steps=100, num_stable_steps=1, decay_type="linear")
    assert [lr for (lr,) in advance(scheduler, 5)] == [0.0, 0.01, 0.01, 0.005, 0.0]


def test_the_greedy_schedule_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="the schedule 'greedy'; 'reduce_lr_on_plateau'"):
        get_scheduler("greedy", optimizer())


def test_what_is_no_optimizer_is_an_error() -> None:
    with pytest.raises(TypeError, match="optimizer: expected an optimizer with param_groups, found list"):
        get_scheduler("constant", [])
