"""AdamW with a state in 8 bits."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from trustformers import Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.training import AdamW, AdamW8bit, Optimizer

SHAPES = [(100, 70), (5,)]


def steps(optimizer: Optimizer, first: int, last: int) -> None:
    for step in range(first, last):
        for parameter in optimizer.param_groups[0]["params"]:
            random = np.random.default_rng(step)
            parameter.grad = Tensor(random.standard_normal(tuple(parameter.shape)).astype(np.float32) + 1)
        optimizer.step()


def parameters() -> list[Tensor]:
    random = np.random.default_rng(9)
    return [Tensor(random.standard_normal(shape).astype(np.float32), requires_grad=True) for shape in SHAPES]


def distance(one: list[Tensor], two: list[Tensor]) -> float:
    return float(max(np.abs(a.detach().numpy() - b.detach().numpy()).mean() for a, b in zip(one, two, strict=True)))


def test_steps_are_near_those_of_adamw() -> None:
    start, narrow, wide = parameters(), parameters(), parameters()
    steps(AdamW8bit(narrow, lr=0.01), 0, 20)
    steps(AdamW(wide, lr=0.01), 0, 20)
    assert distance(wide, start) > 0.1
    assert distance(wide, narrow) < 0.02 * distance(wide, start)
    # A parameter of few elements has a state of float32.
    assert wide[1].tolist() == narrow[1].tolist()


def test_a_state_takes_two_bytes_for_each_element() -> None:
    optimizer = AdamW8bit(parameters())
    steps(optimizer, 0, 1)
    large, small = (optimizer.state[parameter] for parameter in optimizer.param_groups[0]["params"])
    assert {name: (str(value.dtype), list(value.shape)) for name, value in large.items()} == {
        "step": ("float32", []),
        "exp_avg": ("uint8", [100, 70]),
        "exp_avg_sq": ("uint8", [100, 70]),
        "exp_avg_scale": ("float32", [28]),
        "exp_avg_sq_scale": ("float32", [28]),
    }
    assert list(small) == ["step", "exp_avg", "exp_avg_sq"] and str(small["exp_avg"].dtype) == "float32"


def test_it_resumes_from_its_state() -> None:
    before, whole = parameters(), parameters()
    steps(AdamW8bit(whole), 0, 6)
    optimizer = AdamW8bit(before)
    steps(optimizer, 0, 3)
    after = [parameter.detach().clone().requires_grad_() for parameter in before]
    resumed = AdamW8bit(after)
    resumed.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
    steps(resumed, 3, 6)
    assert distance(after, whole) == 0.0


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"amsgrad": True}, UnsupportedError, "amsgrad with a state in 8 bits"),
        ({"min_8bit_size": 0}, InputError, "min_8bit_size: expected one from 1, found 0"),
    ],
)
def test_wrong_options_are_errors(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        AdamW8bit(parameters(), **options)


def test_other_dtypes_are_refused() -> None:
    half = Tensor(np.ones((100, 100), np.float16), requires_grad=True)
    half.grad = half.detach().clone()
    with pytest.raises(UnsupportedError, match="a state in 8 bits of a parameter of float16 on cpu"):
        AdamW8bit([half]).step()
