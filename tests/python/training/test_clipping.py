"""Clipping of gradients, and scaling of losses."""

from __future__ import annotations

import math
from typing import Any

import pytest
from trustformers import Tensor
from trustformers.errors import InputError
from trustformers.training import SGD, GradScaler, clip_grad_norm_, clip_grad_value_, get_total_norm


def with_gradients(*gradients: list[float]) -> list[Tensor]:
    found = []
    for gradient in gradients:
        parameter = Tensor([0.0] * len(gradient), requires_grad=True)
        parameter.grad = Tensor(gradient)
        found.append(parameter)
    return found


def gradients(parameters: list[Tensor]) -> list[list[float]]:
    return [parameter.grad.tolist() for parameter in parameters if parameter.grad is not None]


def test_one_norm_of_all_gradients_is_clipped() -> None:
    found = [*with_gradients([3.0, 0.0], [4.0]), Tensor([1.0], requires_grad=True)]
    assert clip_grad_norm_(iter(found), 1.0).item() == 5.0
    factor = 1.0 / (5.0 + 1e-6)
    assert gradients(found) == [pytest.approx([3 * factor, 0.0]), pytest.approx([4 * factor])]


def test_a_gradient_that_somebody_has_is_clipped_too() -> None:
    found = with_gradients([3.0, 4.0])
    gradient, array = found[0].grad, found[0].grad.numpy() if found[0].grad is not None else None
    clip_grad_norm_(found, 1.0)
    assert gradient is not None and array is not None
    assert gradient.tolist() == pytest.approx([0.6, 0.8]) and array.tolist() == [3.0, 4.0]


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_gradients_of_other_dtypes_are_clipped(dtype: str) -> None:
    found = with_gradients([3.0, 0.0])
    other = Tensor([0.0]).to(dtype=dtype).requires_grad_()
    other.grad = Tensor([4.0]).to(dtype=dtype)
    assert clip_grad_norm_([*found, other], 2.5).item() == pytest.approx(5.0, rel=1e-2)
    assert gradients([*found, other]) == [pytest.approx([1.5, 0.0], rel=1e-2), pytest.approx([2.0], rel=1e-2)]


def test_gradients_below_the_norm_stay() -> None:
    found = with_gradients([3.0], [4.0])
    assert clip_grad_norm_(found, 6.0).item() == 5.0
    assert gradients(found) == [[3.0], [4.0]]
    assert clip_grad_norm_(found[0], 1.0).item() == 3.0


def test_the_largest_element_is_a_norm_too() -> None:
    found = with_gradients([3.0, -7.0], [4.0])
    assert clip_grad_norm_(found, 3.5, norm_type=math.inf).item() == 7.0
    assert gradients(found) == [pytest.approx([1.5, -3.5]), pytest.approx([2.0])]
    assert get_total_norm([Tensor([1.0, -2.0]), Tensor([3.0])], 1).item() == 6.0


def test_no_gradients_have_the_norm_zero() -> None:
    assert clip_grad_norm_([Tensor([1.0], requires_grad=True)], 1.0).item() == 0.0


def test_a_norm_that_is_not_finite_can_be_an_error() -> None:
    found = with_gradients([math.inf])
    with pytest.raises(InputError, match="the norm of the gradients is inf"):
        clip_grad_norm_(found, 1.0, error_if_nonfinite=True)
    assert clip_grad_norm_(found, 1.0).item() == math.inf


def test_elements_are_clipped() -> None:
    found = with_gradients([3.0, -7.0, 0.5])
    clip_grad_value_(found, 2.0)
    assert gradients(found) == [[2.0, -2.0, 0.5]]


def loop(scaler: GradScaler, factors: list[float]) -> tuple[list[float], list[float]]:
    """The weight and the scale after each step of a loss whose factor may overflow."""
    weight = Tensor([1.0], requires_grad=True)
    optimizer = SGD([weight], lr=0.5)
    weights, scales = [], []
    for factor in factors:
        scaler.scale((weight * factor).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        weights.append(weight.item())
        scales.append(scaler.get_scale())
    return weights, scales


def test_steps_whose_gradients_overflow_are_skipped() -> None:
    scaler = GradScaler(init_scale=1024.0, growth_interval=2)
    weights, scales = loop(scaler, [1.0, math.inf, 1.0, 1.0, 1.0, math.nan])
    assert weights == [0.5, 0.5, 0.0, -0.5, -1.0, -1.0]
    assert scales == [1024.0, 512.0, 512.0, 1024.0, 1024.0, 512.0]
    assert scaler.num_skipped_steps == 2


def test_the_scale_stays_finite() -> None:
    scaler = GradScaler(init_scale=3e38, growth_interval=1)
    assert loop(scaler, [1e-38])[1] == [3e38]


def test_unscaled_gradients_are_those_of_the_loss() -> None:
    weight = Tensor([1.0], requires_grad=True)
    optimizer = SGD([weight], lr=1.0)
    scaler = GradScaler()
    losses = scaler.scale([(weight * 3).sum(), (weight * 2).sum()])
    assert [loss.item() for loss in losses] == [3 * 65536.0, 2 * 65536.0]
    losses[0].backward()
    scaler.unscale_(optimizer)
    assert gradients([weight]) == [[3.0]]
    with pytest.raises(InputError, match="was unscaled already"):
        scaler.unscale_(optimizer)
    scaler.step(optimizer)
    assert weight.tolist() == [-2.0]
    with pytest.raises(InputError, match=r"step\(\): was called already"):
        scaler.step(optimizer)
    with pytest.raises(InputError, match="was stepped already"):
        scaler.unscale_(optimizer)
    scaler.update(new_scale=8.0)
    assert scaler.get_scale() == 8.0


def test_a_scaler_resumes_from_its_state() -> None:
    scaler = GradScaler(init_scale=4.0, growth_interval=3)
    loop(scaler, [1.0, 1.0])
    resumed = GradScaler()
    resumed.load_state_dict(scaler.state_dict())
    assert loop(resumed, [1.0])[1] == [8.0]
    assert scaler.state_dict() == {
        "scale": 4.0,
        "growth_factor": 2.0,
        "backoff_factor": 0.5,
        "growth_interval": 3,
        "_growth_tracker": 2,
    }


def test_a_scaler_that_is_not_enabled_changes_nothing() -> None:
    scaler = GradScaler(enabled=False)
    assert loop(scaler, [1.0, 1.0]) == ([0.5, 0.0], [1.0, 1.0])
    assert scaler.state_dict() == {} and not scaler.is_enabled()
    with pytest.raises(InputError, match="a GradScaler that was not enabled"):
        GradScaler().load_state_dict({})


def test_what_cannot_be_scaled_is_an_error() -> None:
    parameter = Tensor([1.0], requires_grad=True)
    optimizer, scaler = SGD([parameter]), GradScaler()
    cases: list[tuple[Any, str]] = [
        (lambda: scaler.update(), r"update\(\): no optimizer was unscaled or stepped"),
        (lambda: scaler.step(optimizer), "no parameter of the optimizer has a gradient"),
        (lambda: scaler.step(optimizer, closure=lambda: None), "closure: is not possible"),
        (lambda: scaler.scale(1.0), "outputs: expected a tensor or several, found float"),
        (lambda: GradScaler(growth_factor=1.0), "growth_factor: expected one above 1"),
        (lambda: GradScaler(backoff_factor=1.0), "backoff_factor: expected one below 1"),
        (lambda: GradScaler(1024.0), "device: expected a device, found 1024.0"),  # type: ignore[arg-type]
    ]
    for call, message in cases:
        with pytest.raises(InputError, match=message):
            call()
    half = Tensor([1.0]).half().requires_grad_()
    half.grad = Tensor([1.0]).half()
    with pytest.raises(InputError, match="the gradients are of float16"):
        GradScaler().unscale_(SGD([half]))
