"""Optimizers, schedules, clipping and scaling beside their references. `make parity` runs it; torch is not in CI."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf
from trustformers import Tensor, training

SHAPES = [(5, 7), (7,), (3, 4, 5), (1,), (130, 300)]
STEPS = 12


class Pair:
    """Equal parameters of both libraries, and equal gradients for each step."""

    def __init__(self, dtype: str = "float32") -> None:
        self.random = np.random.default_rng(0)
        self.dtype = dtype
        values = [self.random.standard_normal(shape).astype(np.float32) for shape in SHAPES]
        self.torch = [torch.nn.Parameter(torch.tensor(value).to(getattr(torch, dtype))) for value in values]
        self.ours = [Tensor(value).to(dtype=dtype).requires_grad_() for value in values]

    def backward(self) -> None:
        for theirs, ours in zip(self.torch, self.ours, strict=True):
            value = self.random.standard_normal(tuple(theirs.shape)).astype(np.float32)
            theirs.grad = torch.tensor(value).to(theirs.dtype)
            ours.grad = Tensor(value).to(dtype=self.dtype)

    def difference(self) -> float:
        pairs = zip(self.torch, self.ours, strict=True)
        return max(
            float((one.detach().float() - torch.tensor(np.array(two.float().tolist()))).abs().max())
            for one, two in pairs
        )


CASES: list[tuple[str, dict[str, Any]]] = [
    ("AdamW", {}),
    ("AdamW", {"lr": 0.01, "weight_decay": 0.1}),
    ("AdamW", {"betas": (0.8, 0.9), "eps": 1e-3, "amsgrad": True}),
    ("AdamW", {"maximize": True, "fused": True}),
    ("Adam", {}),
    ("Adam", {"weight_decay": 0.3, "amsgrad": True}),
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1, "nesterov": True}),
    ("SGD", {"momentum": 0.9, "dampening": 0.2, "maximize": True}),
    ("Adafactor", {}),
    ("Adafactor", {"warmup_init": True}),
    ("Adafactor", {"lr": 1e-2, "relative_step": False, "scale_parameter": False}),
    ("Adafactor", {"lr": 1e-2, "relative_step": False, "beta1": 0.9, "weight_decay": 0.1, "clip_threshold": 0.5}),
]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "float64"])
@pytest.mark.parametrize(("name", "options"), CASES)
def test_steps_are_those_of_the_reference(name: str, options: dict[str, Any], dtype: str) -> None:
    if dtype == "float64" and name == "Adafactor":
        pytest.skip("computed in float32 here")
    pair = Pair(dtype)
    reference: Any = transformers.Adafactor if name == "Adafactor" else getattr(torch.optim, name)
    # torch rounds narrow floats after each operation, unless fused.
    fused = {"fused": True} if name != "Adafactor" and dtype in ("float16", "bfloat16") else {}
    theirs, ours = reference(pair.torch, **options | fused), getattr(training, name)(pair.ours, **options)
    for _ in range(STEPS):
        pair.backward()
        theirs.step()
        ours.step()
    # Units in the last place of parameters up to 4.
    bounds = {"float32": 2e-6, "float64": 1e-12, "float16": 4e-3, "bfloat16": 0.04}
    assert pair.difference() < bounds[dtype]
    groups = [optimizer.state_dict()["param_groups"][0] for optimizer in (theirs, ours)]
    assert groups[0].keys() == groups[1].keys()
    assert {key: value for key, value in groups[0].items() if key != "fused"} == {
        key: value for key, value in groups[1].items() if key != "fused"
    }
    states = [optimizer.state_dict()["state"] for optimizer in (theirs, ours)]
    assert [list(state) for state in states[0].values()] == [list(state) for state in states[1].values()]


SCHEDULES: list[tuple[str, dict[str, Any]]] = [
    ("linear", {}),
    ("cosine", {}),
    ("cosine_with_restarts", {"num_cycles": 3}),
    ("polynomial", {"lr_end": 1e-5, "power": 2.0}),
    ("constant", {}),
    ("constant_with_warmup", {}),
    ("inverse_sqrt", {}),
    ("inverse_sqrt", {"timescale": 11}),
    ("cosine_with_min_lr", {"min_lr": 1e-4}),
    ("cosine_with_min_lr", {"min_lr_rate": 0.1, "num_cycles": 1.5}),
    ("cosine_warmup_with_min_lr", {"min_lr_rate": 0.1}),
    ("cosine_warmup_with_min_lr", {"min_lr": 1e-4, "warmup_lr_rate": 0.2}),
    ("warmup_stable_decay", {"num_decay_steps": 9}),
    (
        "warmup_stable_decay",
        {"num_decay_steps": 9, "warmup_type": "cosine", "decay_type": "1-sqrt", "min_lr_ratio": 0.1},
    ),
    ("warmup_stable_decay", {"num_decay_steps": 9, "warmup_type": "1-sqrt", "decay_type": "linear"}),
]


def rates(library: Any, optimizer: Any, name: str, options: dict[str, Any], warmup: int) -> tuple[list[Any], Any]:
    scheduler = library.get_scheduler(name, optimizer, warmup, 40, options)
    found = []
    for _ in range(50):
        found.append(scheduler.get_last_lr())
        optimizer.step()
        scheduler.step()
    return found, scheduler.state_dict()


@pytest.mark.parametrize("warmup", [0, 1, 7])
@pytest.mark.parametrize(("name", "options"), SCHEDULES)
def test_learning_rates_are_bit_for_bit_those_of_transformers(name: str, options: dict[str, Any], warmup: int) -> None:
    pair = Pair()
    groups = [
        [{"params": [one], "lr": lr} for one, lr in zip(two, (1e-3, 3e-4), strict=False)]
        for two in (pair.torch, pair.ours)
    ]
    theirs = rates(transformers, torch.optim.SGD(groups[0], lr=2e-3), name, options, warmup)
    ours = rates(tf, training.SGD(groups[1], lr=2e-3), name, options, warmup)
    assert ours == theirs


def test_a_plateau_is_that_of_torch() -> None:
    random = np.random.default_rng(1)
    for options in ({}, {"mode": "max", "threshold_mode": "abs", "cooldown": 2, "patience": 1, "min_lr": 1e-3}):
        pair, metrics = Pair(), random.standard_normal(60).cumsum()
        schedulers = [
            library.get_scheduler("reduce_lr_on_plateau", optimizer, scheduler_specific_kwargs=options)
            for library, optimizer in (
                (transformers, torch.optim.SGD(pair.torch)),
                (tf, training.SGD(pair.ours, lr=1e-3)),
            )
        ]
        for metric in metrics:
            for scheduler in schedulers:
                scheduler.step(metric)
            assert schedulers[0].get_last_lr() == schedulers[1].get_last_lr()
        states = [dict(scheduler.state_dict()) for scheduler in schedulers]
        for state in states:
            state.pop("optimizer", None)
        assert states[0] == states[1]


@pytest.mark.parametrize("norm_type", [2.0, 1.0, float("inf")])
@pytest.mark.parametrize("max_norm", [0.5, 1e4])
def test_clipped_gradients_are_those_of_torch(norm_type: float, max_norm: float) -> None:
    pair = Pair()
    pair.backward()
    theirs = torch.nn.utils.clip_grad_norm_(pair.torch, max_norm, norm_type)
    ours = training.clip_grad_norm_(pair.ours, max_norm, norm_type)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-6)
    for one, two in zip(pair.torch, pair.ours, strict=True):
        assert one.grad is not None and two.grad is not None
        np.testing.assert_allclose(np.array(two.grad.tolist()), one.grad.numpy(), rtol=3e-6)


def scaled_loop(scaler: Any, optimizer: Any, weight: Any) -> list[Any]:
    found = []
    for step in range(40):
        factor = float("inf") if step % 7 == 5 else float("nan") if step % 11 == 3 else 1.0
        optimizer.zero_grad()
        scaler.scale((weight * factor).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        found.append((scaler.get_scale(), weight.item(), scaler.state_dict()))
    return found


def test_a_scaler_is_that_of_torch() -> None:
    weights = torch.nn.Parameter(torch.tensor([1.0])), Tensor([1.0], requires_grad=True)
    options: dict[str, Any] = {"init_scale": 1000.0, "growth_interval": 3, "growth_factor": 1.7}
    theirs = scaled_loop(torch.amp.GradScaler("cpu", **options), torch.optim.SGD([weights[0]]), weights[0])
    ours = scaled_loop(training.GradScaler("cpu", **options), training.SGD([weights[1]]), weights[1])
    assert ours == theirs


def test_a_state_of_torch_continues_here() -> None:
    pair = Pair()
    theirs, ours = torch.optim.AdamW(pair.torch), training.AdamW(pair.ours)
    pair.backward()
    theirs.step()
    convert: Callable[[Any], Any] = lambda value: Tensor.from_torch(value) if isinstance(value, torch.Tensor) else value  # noqa: E731
    saved = theirs.state_dict()
    state = {index: {key: convert(value) for key, value in one.items()} for index, one in saved["state"].items()}
    with torch.no_grad(), tf.no_grad():
        for one, two in zip(pair.torch, pair.ours, strict=True):
            two.copy_(Tensor.from_torch(one.detach()))
    ours.load_state_dict({"state": state, "param_groups": saved["param_groups"]})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            pair.backward()
            theirs.step()
            ours.step()
    assert pair.difference() < 1e-6
