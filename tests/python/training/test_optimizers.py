"""Optimizers, by their values in torch 2.15 and transformers 5.23.0 after four steps."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import AutoModel, Tensor, is_grad_enabled
from trustformers.errors import InputError, UnsupportedError
from trustformers.optimization import Adafactor, AdafactorSchedule
from trustformers.training import SGD, Adam, AdamW, Optimizer

# The elements of both parameters after four steps with the gradients of `step`.
VALUES: list[tuple[type[Any], dict[str, Any], list[float]]] = [
    (AdamW, dict(), [0.49761093, -1.00308979, 1.9984144, 0.10115959, 0.00327405, -0.29818362, 1.00245607, -2.0039196]),
    (
        AdamW,
        dict(lr=0.1, amsgrad=True, weight_decay=0.1),
        [0.24573176, -1.26777208, 1.7752161, 0.21338394, 0.32155648, -0.11259405, 1.20487642, -2.3152318],
    ),
    (
        Adam,
        dict(lr=0.1, weight_decay=0.1, maximize=True),
        [0.62636274, -0.67545664, 2.08026123, -0.01889295, -0.32447293, -0.46802032, 0.71172321, -1.60019743],
    ),
    (
        SGD,
        dict(lr=0.1),
        [0.31081116, -1.11350858, 2.06653094, 0.28540224, 0.13381559, -0.34080049, 1.01999998, -2.39999962],
    ),
    (
        SGD,
        dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
        [-0.10974648, -1.40696263, 1.74730814, 0.59526324, 0.56454152, -0.16160804, 1.04064488, -2.94436049],
    ),
    (
        SGD,
        dict(lr=0.1, momentum=0.9, dampening=0.5),
        [0.29254144, -1.38815796, 1.78801322, 0.25908417, 0.38389376, -0.04424677, 1.16954994, -2.62440014],
    ),
    (
        Adafactor,
        dict(),
        [0.47365713, -1.01125526, 2.01108623, 0.11431098, 0.01409359, -0.30741802, 1.00125933, -2.06231356],
    ),
    (
        Adafactor,
        dict(lr=0.1, relative_step=False, beta1=0.9, weight_decay=0.1, clip_threshold=0.5),
        [0.45230165, -0.98969972, 1.92464876, 0.10289825, 0.02804388, -0.28210476, 0.964414, -1.95665884],
    ),
]


def parameters() -> list[Tensor]:
    matrix = Tensor([[0.5, -1.0, 2.0], [0.1, 0.0, -0.3]], requires_grad=True)
    return [matrix, Tensor([1.0, -2.0], requires_grad=True)]


def step(optimizer: Optimizer, found: list[Tensor], steps: range = range(4)) -> list[float]:
    for k in steps:
        found[0].grad = Tensor(np.sin(np.arange(6, dtype=np.float32).reshape(2, 3) + k))
        found[1].grad = Tensor([0.3 * k - 0.5, 1.0])
        optimizer.step()
    return [element for parameter in found for element in parameter.detach().flatten().tolist()]


@pytest.mark.parametrize(("kind", "options", "values"), VALUES)
def test_an_optimizer_has_the_values_of_the_reference(
    kind: type[Any], options: dict[str, Any], values: list[float]
) -> None:
    found = parameters()
    assert step(kind(found, **options), found) == pytest.approx(values, abs=4e-7)


@pytest.mark.parametrize(("kind", "options", "values"), VALUES)
def test_an_optimizer_resumes_from_its_state(kind: type[Any], options: dict[str, Any], values: list[float]) -> None:
    before = parameters()
    optimizer = kind(before, **options)
    step(optimizer, before, range(2))
    after = [parameter.detach().clone().requires_grad_() for parameter in before]
    resumed = kind(after)
    resumed.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
    assert step(resumed, after, range(2, 4)) == pytest.approx(values, abs=4e-7)
    assert resumed.param_groups[0]["params"] is not optimizer.param_groups[0]["params"]


@pytest.mark.parametrize(("kind", "options", "values"), VALUES)
def test_parameters_without_a_gradient_stay(kind: type[Any], options: dict[str, Any], values: list[float]) -> None:
    found, frozen = parameters(), Tensor([3.0], requires_grad=True)
    optimizer = kind([*found, frozen], **options)
    assert step(optimizer, found) == pytest.approx(values, abs=4e-7)
    assert frozen.tolist() == [3.0] and frozen not in optimizer.state.keys() - set(found)
    assert frozen.requires_grad and frozen.is_leaf and found[0].is_leaf


def test_groups_have_options_of_their_own() -> None:
    first, second = parameters()
    optimizer = SGD([{"params": [first], "lr": 0.5}], lr=0.1)
    optimizer.add_param_group({"params": second, "momentum": 0.9})
    assert [(group["lr"], group["momentum"]) for group in optimizer.param_groups] == [(0.5, 0), (0.1, 0.9)]
    step(optimizer, [first, second], range(1))
    assert second.tolist() == pytest.approx([1.05, -2.1])
    assert list(optimizer.state_dict()["state"]) == [1]
    assert repr(optimizer).startswith("SGD (\nParameter Group 0\n    dampening: 0")


def test_names_of_parameters_stay_in_their_groups() -> None:
    optimizer = AdamW(zip(("a.weight", "a.bias"), parameters(), strict=True))
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["a.weight", "a.bias"]
    with pytest.raises(InputError, match="some groups have names and those of others do not"):
        optimizer.add_param_group({"params": [Tensor([1.0], requires_grad=True)]})


def test_the_state_of_adam_is_that_of_torch() -> None:
    found = parameters()
    optimizer = AdamW(found, amsgrad=True)
    step(optimizer, found, range(3))
    state = optimizer.state[found[0]]
    assert list(state) == ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"]
    assert state["step"].item() == 3.0 and state["exp_avg"].shape == (2, 3)
    group = optimizer.state_dict()["param_groups"][0]
    assert (group["betas"], group["eps"], group["weight_decay"], group["params"]) == ((0.9, 0.999), 1e-8, 0.01, [0, 1])


def test_zero_grad_removes_gradients_or_sets_them_to_zero() -> None:
    found = parameters()
    optimizer = SGD(found)
    step(optimizer, found, range(1))
    optimizer.zero_grad(set_to_none=False)
    assert found[1].grad is not None and found[1].grad.tolist() == [0.0, 0.0]
    optimizer.zero_grad()
    assert found[1].grad is None


def test_a_closure_computes_gradients_and_the_loss() -> None:
    weight = Tensor([2.0], requires_grad=True)
    optimizer = SGD([weight], lr=0.25)

    def closure() -> Tensor:
        assert is_grad_enabled()
        optimizer.zero_grad()
        loss = (weight * weight).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 4.0
    assert weight.tolist() == [1.0]


def test_a_learning_rate_may_be_a_tensor() -> None:
    found = parameters()
    optimizer = SGD(found, lr=Tensor(0.1))
    assert step(optimizer, found) == pytest.approx(VALUES[3][2], abs=4e-7)


def test_narrow_floats_are_trained() -> None:
    found = [parameter.detach().bfloat16().requires_grad_() for parameter in parameters()]
    optimizer = AdamW(found, lr=0.1)
    for parameter in found:
        parameter.grad = parameter.detach().clone()
    optimizer.step()
    assert str(found[0].dtype) == "bfloat16" and str(optimizer.state[found[0]]["exp_avg"].dtype) == "bfloat16"
    assert found[1].float().tolist() == pytest.approx([0.9, -1.9], abs=1e-2)


def test_a_step_changes_the_model(bert_golden: Path) -> None:
    model = AutoModel.from_pretrained(bert_golden)
    before = model(np.array([[1, 2, 3]])).last_hidden_state
    optimizer = AdamW(model.parameters(), lr=0.1)
    weight = next(model.parameters())
    weight.grad = Tensor(np.ones(tuple(weight.shape), np.float32))
    optimizer.step()
    assert np.abs(model(np.array([[1, 2, 3]])).last_hidden_state - before).max() > 1e-3


@pytest.mark.parametrize("kind", [AdamW, SGD, Adafactor])
def test_a_step_leaves_views_and_arrays_of_parameters(kind: Any) -> None:
    found = parameters()
    optimizer = kind(found)
    step(optimizer, found, range(1))
    array, view, kept = found[1].detach().numpy(), found[0].detach()[0], found[0].detach().clone()
    before = array.tolist(), view.tolist()
    step(optimizer, found, range(1, 2))
    assert (array.tolist(), view.tolist()) == before
    assert found[1].tolist() != before[0] and found[0].tolist() != kept.tolist()


def test_parameters_of_several_dtypes_share_a_group() -> None:
    for kind, tolerance in ((AdamW, 0.02), (SGD, 0.02), (Adafactor, 0.05)):
        dtypes = ("float32", "bfloat16", "float16", "float64")
        mixed = [Tensor([[1.0, -2.0], [0.5, 4.0]]).to(dtype=dtype).requires_grad_() for dtype in dtypes]
        optimizer: Any = kind(mixed)
        for _ in range(3):
            for parameter in mixed:
                parameter.grad = parameter.detach().clone()
            optimizer.step()
        for parameter in mixed[1:]:
            assert parameter.float().flatten().tolist() == pytest.approx(mixed[0].flatten().tolist(), abs=tolerance)


def test_a_parameter_that_is_in_a_group_twice_changes_twice() -> None:
    parameter = Tensor([1.0], requires_grad=True)
    with pytest.warns(UserWarning, match="a parameter is in the group twice"):
        optimizer = SGD([parameter, parameter], lr=0.5)
    parameter.grad = Tensor([1.0])
    optimizer.step()
    assert parameter.tolist() == [0.0]


def test_two_threads_step_optimizers_of_the_same_parameters() -> None:
    found = [Tensor(np.zeros(1000, np.float32), requires_grad=True) for _ in range(20)]
    for parameter in found:
        parameter.grad = Tensor(np.ones(1000, np.float32))
    optimizers = [SGD(found, lr=1.0), SGD(found[::-1], lr=1.0)]
    threads = [threading.Thread(target=lambda one=one: [one.step() for _ in range(50)]) for one in optimizers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(parameter.detach().min().item() == parameter.detach().max().item() == -100 for parameter in found)


def test_a_state_that_does_not_fit_is_an_error_and_changes_nothing() -> None:
    found = parameters()
    before = [parameter.tolist() for parameter in found]
    optimizer = AdamW(found)
    optimizer.state[found[1]] = {"step": Tensor(1.0), "exp_avg": Tensor([0.0]), "exp_avg_sq": Tensor([0.0, 0.0])}
    with pytest.raises(InputError, match="state: expected 2 elements of float32"):
        step(optimizer, found, range(1))
    assert [parameter.tolist() for parameter in found] == before


def test_the_schedule_of_adafactor_shows_its_learning_rates() -> None:
    found = parameters()
    optimizer = Adafactor(found)
    scheduler = AdafactorSchedule(optimizer, initial_lr=0.5)
    assert scheduler.get_last_lr() == [0.5]
    step(optimizer, found, range(1))
    scheduler.step()
    assert scheduler.get_last_lr() == pytest.approx([0.01 * np.sqrt((0.25 + 1 + 4 + 0.01 + 0.09) / 6)])


@pytest.mark.parametrize("option", ["capturable", "differentiable"])
def test_options_that_are_not_supported_are_errors(option: str) -> None:
    arguments: dict[str, Any] = {option: True}
    with pytest.raises(UnsupportedError, match=f"not supported: {option}=True of optimizers"):
        AdamW(parameters(), **arguments)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (AdamW, {"lr": -1.0}, "lr: expected a number from 0, found -1.0"),
        (AdamW, {"betas": (1.0, 0.9)}, r"betas\[0\]: expected a number from 0 and below 1, found 1.0"),
        (AdamW, {"eps": float("nan")}, "eps: expected a number from 0"),
        (SGD, {"momentum": -0.1}, "momentum: expected"),
        (SGD, {"nesterov": True}, "nesterov: needs a momentum above 0"),
        (Adafactor, {"lr": 0.1}, "lr: relative_step computes the learning rate"),
        (Adafactor, {"lr": 0.1, "relative_step": False, "warmup_init": True}, "warmup_init: needs relative_step=True"),
    ],
)
def test_wrong_options_are_errors(kind: type[Optimizer], options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        kind(parameters(), **options)


def test_wrong_parameters_are_errors() -> None:
    matrix, vector = parameters()
    cases: list[tuple[Any, type[Exception], str]] = [
        ([], InputError, "an empty list of parameters"),
        (matrix, TypeError, "expected an iterable of tensors or mappings, found a tensor"),
        (3, TypeError, "params: expected an iterable of tensors, found int"),
        ([1.0], TypeError, "expected tensors of trustformers, found builtins.float"),
        ([matrix * 2], InputError, "expected leaves, found a tensor that an operation has computed"),
        ([{"params": {matrix}}], TypeError, "found a set, whose order differs"),
        ([{"params": [matrix]}, {"params": [vector, matrix]}], InputError, "in more than one group"),
        ([("a", matrix), vector], InputError, "some parameters of the group have names and others do not"),
    ]
    for params, error, message in cases:
        with pytest.raises(error, match=message):
            Adam(params)


def test_a_state_of_other_groups_is_an_error() -> None:
    state = AdamW(parameters()).state_dict()
    with pytest.raises(InputError, match="expected 1 parameters in group 0, found 2"):
        AdamW(parameters()[:1]).load_state_dict(state)
    with pytest.raises(InputError, match="expected 2 groups of parameters, found 1"):
        AdamW([{"params": [one]} for one in parameters()]).load_state_dict(state)
