"""Recording of operations, backward passes and operations in place; rules of single operations are tested in Rust."""

from __future__ import annotations

import copy
import pickle
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.tensor import enable_grad, grad

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

GOLDENS = Path(__file__).parent.parent / "goldens"


def leaf(*values: float) -> Tensor:
    return Tensor(list(values), requires_grad=True)


def test_backward_adds_to_the_gradient_of_leaves() -> None:
    x, y = leaf(1.0, 2.0), Tensor([3.0, 4.0])
    (x * y + x).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [4.0, 5.0]
    (x * x).sum().backward()
    assert x.grad.tolist() == [6.0, 9.0]
    assert y.grad is None and not y.requires_grad


def test_a_backward_pass_of_several_elements_needs_a_gradient() -> None:
    x = leaf(1.0, 2.0)
    with pytest.raises(InputError, match=r"gradient: is needed for a tensor of shape \[2\]"):
        (x * x).backward()
    with pytest.raises(InputError, match=r"expected the tensor's shape \[2\], found \[3\]"):
        (x * x).backward(Tensor([1.0, 2.0, 3.0]))
    (x * x).backward(Tensor([1.0, 10.0]))
    assert x.grad is not None and x.grad.tolist() == [2.0, 40.0]


def test_a_second_pass_needs_retain_graph() -> None:
    x = leaf(1.0, 2.0)
    y = x.exp().sum()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(InputError, match="retain_graph=True"):
        y.backward()


def test_a_tensor_outside_of_the_graph_has_no_backward_pass() -> None:
    with pytest.raises(InputError, match="does not require a gradient"):
        Tensor([1.0]).backward()


def test_integers_require_no_gradient() -> None:
    with pytest.raises(InputError, match="only floats have gradients, not int64"):
        Tensor([1, 2], requires_grad=True)
    x = leaf(1.0, -2.0)
    assert not (x > 0).requires_grad and not x.argmax().requires_grad


def test_the_gradient_has_the_dtype_of_its_tensor() -> None:
    x = Tensor([1.0, 2.0], dtype="float16", requires_grad=True)
    (x.double() * Tensor([3.0, 4.0])).sum().backward()
    assert x.grad is not None and x.grad.dtype == "float16" and x.grad.tolist() == [3.0, 4.0]


def test_the_gradient_of_a_broadcast_operand_is_a_sum() -> None:
    x = Tensor(np.ones((3, 1), np.float32), requires_grad=True)
    (x * Tensor(np.arange(12, dtype=np.float32).reshape(3, 4))).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [[6.0], [22.0], [38.0]]


def test_nothing_is_recorded_under_no_grad() -> None:
    x = leaf(1.0)
    with tf.no_grad():
        assert not (x * x).requires_grad
        with tf.enable_grad():
            assert (x * x).requires_grad
        assert not tf.is_grad_enabled()
    assert (x * x).requires_grad

    @tf.no_grad()
    def doubled(x: Tensor) -> Tensor:
        return x * 2

    assert not doubled(x).requires_grad
    with pytest.raises(ValueError, match="inside"), tf.no_grad():
        raise ValueError("inside")
    assert tf.is_grad_enabled()


def test_recording_is_switched_for_one_thread() -> None:
    found: list[bool] = []
    with tf.no_grad():
        thread = threading.Thread(target=lambda: found.append(tf.is_grad_enabled()))
        thread.start()
        thread.join()
    assert found == [True]
    tf.set_grad_enabled(False)
    assert not tf.is_grad_enabled()
    tf.set_grad_enabled(True)
    with tf.set_grad_enabled(False):
        assert not tf.is_grad_enabled()
    with tf.inference_mode():
        assert not tf.is_grad_enabled()
    assert tf.is_grad_enabled()


def test_large_operations_obey_no_grad() -> None:
    x = tf.tensor.ones(300, 300).requires_grad_()
    with tf.no_grad():
        assert not (x * x).requires_grad and not (x @ x).requires_grad
    assert (x @ x).requires_grad


def test_a_parameter_is_updated_in_place_under_no_grad() -> None:
    weight = leaf(1.0, 2.0)
    parameters = [weight]
    for _ in range(2):
        (weight * weight).sum().backward()
        with tf.no_grad():
            for parameter in parameters:
                assert parameter.grad is not None
                parameter -= 0.25 * parameter.grad
                gradient = parameter.grad
                assert gradient is not None
                gradient.zero_()
    assert parameters[0] is weight and weight.requires_grad and weight.is_leaf
    assert weight.tolist() == [0.25, 0.5]
    assert weight.grad is not None and weight.grad.tolist() == [0.0, 0.0]


def test_a_recorded_leaf_is_not_changed_in_place() -> None:
    x = leaf(1.0, 2.0)

    def add(x: Tensor) -> None:
        x += 1

    def assign(x: Tensor) -> None:
        x[0] = 1.0

    changes: list[Callable[[Tensor], object]] = [add, assign, Tensor.zero_]
    for change in changes:
        with pytest.raises(InputError, match="a leaf that requires a gradient cannot be changed in place"):
            change(x)
    assert x.tolist() == [1.0, 2.0]


def test_operations_in_place_are_part_of_the_graph() -> None:
    x = leaf(1.0, 2.0, 3.0)
    y = x * 1
    y *= x
    y[0] = 5.0
    y.add_(x, alpha=2)
    y.sum().backward()
    assert y.tolist() == [7.0, 8.0, 15.0]
    assert x.grad is not None and x.grad.tolist() == [2.0, 6.0, 8.0]


def test_operations_in_place_keep_shape_and_dtype() -> None:
    x = Tensor([1, 2])
    x += True
    x *= 3
    assert x.tolist() == [6, 9] and x.dtype == "int64"
    with pytest.raises(InputError, match="the result of float32 cannot be stored in a tensor of int64"):
        x += 0.5
    with pytest.raises(InputError, match=r"the result of shape \[2, 2\] does not fit a tensor of \[2\]"):
        x += Tensor([[1, 2], [3, 4]])
    assert x.tolist() == [6, 9]


def test_operations_in_place_leave_arrays_and_views_unchanged() -> None:
    array = np.array([1.0, 2.0])
    x = Tensor(array)
    view = x[:1]
    assert x.mul_(10) is x
    assert array.tolist() == [1.0, 2.0] and view.tolist() == [1.0] and x.tolist() == [10.0, 20.0]


def test_methods_in_place_compute_what_their_names_say() -> None:
    ones, twos = Tensor([1.0, 1.0]), Tensor([2.0, 2.0])
    assert Tensor([3.0, -4.0]).addcmul_(ones, twos, value=0.5).tolist() == [4.0, -3.0]
    assert Tensor([3.0, -4.0]).addcdiv_(ones, twos, value=-1).tolist() == [2.5, -4.5]
    assert Tensor([0.0, 4.0]).lerp_(twos, 0.25).tolist() == [0.5, 3.5]
    assert Tensor([3.0, -4.0]).sub_(twos, alpha=2).tolist() == [-1.0, -8.0]
    assert Tensor([3.0, -4.0]).div_(2).clamp_(-1, 1).tolist() == [1.0, -1.0]
    assert Tensor([[3.0, 4.0], [5.0, 6.0]]).copy_(np.array([1, 2])).tolist() == [[1.0, 2.0], [1.0, 2.0]]
    assert Tensor([3.0, -4.0]).fill_(7).tolist() == [7.0, 7.0]
    assert Tensor([3.0, -4.0]).masked_fill_(np.array([True, False]), 9).tolist() == [9.0, -4.0]
    assert Tensor([3.0, -4.0]).relu_().sqrt_().pow_(2).round_().tolist() == [3.0, 0.0]
    uniform = tf.tensor.zeros(1000).uniform_(2.0, 3.0)
    assert float(uniform.amin()) >= 2.0 and float(uniform.amax()) < 3.0


def test_the_gradient_of_a_result_is_kept_on_request() -> None:
    x = leaf(1.0, 2.0)
    y = x * 2
    y.retain_grad()
    (y * y).sum().backward()
    assert y.grad is not None and y.grad.tolist() == [4.0, 8.0]
    assert not y.is_leaf and x.is_leaf


def test_gradients_are_assigned_and_cleared() -> None:
    x = leaf(1.0, 2.0)
    x.grad = Tensor([5.0, 6.0])
    (x * 2).sum().backward()
    assert x.grad.tolist() == [7.0, 8.0]
    x.grad = None
    assert x.grad is None
    with pytest.raises(InputError, match=r"grad: expected \[2\] of float32 on cpu, found \[3\] of float32 on cpu"):
        x.grad = Tensor([1.0, 2.0, 3.0])


def test_requires_grad_is_switched_on_leaves() -> None:
    x = Tensor([1.0, 2.0])
    assert x.requires_grad_() is x and x.requires_grad
    y = x * 2
    with pytest.raises(InputError, match="the tensor is a result of a recorded operation"):
        y.requires_grad = False
    x.requires_grad = False
    assert not (x * 2).requires_grad
    assert y.detach().is_leaf and not y.detach().requires_grad
    assert y.detach_().is_leaf


def test_grad_fn_is_refused_with_a_reason() -> None:
    x = leaf(1.0)
    assert x.grad_fn is None
    with pytest.raises(UnsupportedError, match="the graph of operations cannot be inspected"):
        _ = (x * 2).grad_fn


def test_grad_returns_gradients_and_leaves_leaves_alone() -> None:
    x, y, z = leaf(2.0), leaf(3.0), leaf(4.0)
    found = grad(x * x * y, [x, y])
    assert [one.tolist() for one in found if one is not None] == [[12.0], [4.0]]
    assert x.grad is None
    with pytest.raises(InputError, match="the outputs do not depend on input 1"):
        grad(x * 2, [x, z])
    assert grad(x * 2, [x, z], allow_unused=True)[1] is None


def test_gradients_of_gradients_are_computed_with_create_graph() -> None:
    x = leaf(2.0)
    (first,) = grad(x**3, x, create_graph=True)
    assert first is not None and first.requires_grad
    (second,) = grad(first, x)
    assert second is not None and second.tolist() == [12.0]


def test_numpy_needs_a_detached_tensor() -> None:
    x = leaf(1.0, 2.0)
    for convert in (np.asarray, Tensor.numpy, np.from_dlpack):
        with pytest.raises((InputError, BufferError), match=r"the tensor requires a gradient; use detach\(\) first"):
            convert(x)
    assert x.numpy(force=True).tolist() == x.detach().numpy().tolist() == [1.0, 2.0]
    assert repr(x) == "Tensor([1., 2.], requires_grad=True)"


def test_copies_of_leaves_are_leaves() -> None:
    x = leaf(1.0, 2.0)
    for other in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert other.requires_grad and other.is_leaf and other.tolist() == [1.0, 2.0]
    for duplicate in (copy.deepcopy, pickle.dumps):
        with pytest.raises(InputError, match=r"use detach\(\)"):
            duplicate(x * 2)
    (x.clone() * 3).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [3.0, 3.0]


def test_a_long_chain_of_operations_ends() -> None:
    x = leaf(0.5)
    y = x
    for _ in range(50_000):
        y = y + 0.0
    y.sum().backward()
    del y
    assert x.grad is not None and x.grad.tolist() == [1.0]


def test_threads_share_a_leaf() -> None:
    x = leaf(*(float(value) for value in range(8)))
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(200):
                (x * x).sum().backward()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert x.grad is not None and x.grad.tolist() == [2.0 * 8 * 200 * value for value in range(8)]


def test_hooks_see_and_replace_gradients() -> None:
    x = leaf(1.0, 2.0)
    square = x * x
    seen: list[Any] = []
    handle = square.register_hook(lambda gradient: seen.append(gradient.tolist()))
    x.register_hook(lambda gradient: gradient * 10)
    (square * 3.0).sum().backward(retain_graph=True)
    assert seen == [[3.0, 3.0]] and x.grad is not None and x.grad.tolist() == [60.0, 120.0]
    handle.remove()
    assert [found is not None and found.tolist() for found in grad(square.sum(), x)] == [[20.0, 40.0]]
    assert len(seen) == 1
    with x.register_hook(lambda gradient: gradient * 0):
        y = (x * 2.0).sum()
        y.backward()
    assert x.grad.tolist() == [60.0, 120.0]
    (x * 2.0).sum().backward()
    assert x.grad.tolist() == [80.0, 140.0]


def test_hooks_of_accumulation_get_the_leaf_with_its_gradient() -> None:
    x = leaf(1.0, 2.0)
    seen: list[Any] = []
    handle = x.register_post_accumulate_grad_hook(lambda tensor: seen.append((tensor is x, tensor.grad.tolist())))
    for _ in range(2):
        (x * 3.0).sum().backward()
    assert seen == [(True, [3.0, 3.0]), (True, [6.0, 6.0])]
    handle.remove()
    (x * 3.0).sum().backward()
    assert len(seen) == 2
    with pytest.raises(InputError, match="only leaves accumulate gradients"):
        (x * 2.0).register_post_accumulate_grad_hook(print)


def test_errors_of_hooks_end_the_pass() -> None:
    def fails(_gradient: Any) -> None:
        raise LookupError("of the hook")

    x = leaf(1.0)
    handle = x.register_hook(fails)
    with pytest.raises(LookupError, match="of the hook"):
        (x * 2.0).backward()
    assert x.grad is None
    handle.remove()
    wrong: Any = x
    for result, message in (
        (1, "expected a Tensor or None as result"),
        (tf.Tensor([1.0, 2.0]), r"found a gradient of shape \[2\]"),
    ):
        with (
            wrong.register_hook(lambda _gradient, result=result: result),
            pytest.raises((TypeError, InputError), match=message),
        ):
            (x * 2.0).backward()
    with pytest.raises(TypeError, match="hook: expected a function"):
        wrong.register_hook(3)
    with pytest.raises(InputError, match="does not require a gradient"):
        x.detach().register_hook(print)
    (x * 2.0).backward()
    assert x.grad is not None and x.grad.tolist() == [2.0]


def test_hooks_of_weights_see_gradients_of_calls_of_models() -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")
    name, weight = next((name, weight) for name, weight in model.named_parameters() if name.endswith("q_proj.weight"))
    seen: list[Any] = []
    weight.register_hook(lambda gradient: gradient * 2)
    weight.register_post_accumulate_grad_hook(lambda own: seen.append(own is weight))
    ids = np.array([[3, 5, 7, 9]])
    model.train()(ids, labels=ids).loss.backward()
    other: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")
    other.train()(ids, labels=ids).loss.backward()
    expected = dict(other.named_parameters())[name].grad.numpy() * 2
    np.testing.assert_allclose(weight.grad.numpy(), expected, rtol=1e-5, atol=1e-8)
    assert seen == [True]


def test_a_hook_may_begin_a_pass_of_its_own() -> None:
    x, inner = leaf(1.0), leaf(1.0)

    def begins(_gradient: Any) -> None:
        # As in torch, hooks do not record unless they ask for it.
        with enable_grad():
            (inner * 5.0).sum().backward()

    x.register_hook(begins)
    (x * 2.0).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [2.0] and inner.grad is not None and inner.grad.tolist() == [5.0]
