"""Operations of tensors equal NumPy's."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hn
from trustformers import Tensor
from trustformers.errors import InputError, OutOfMemoryError
from trustformers.tensor import arange, cat, einsum, eye, stack, where, zeros

settings.register_profile("tensors", deadline=None, max_examples=60)
settings.load_profile("tensors")

FLOATS = st.sampled_from(["float32", "float64"])
INTEGERS = st.sampled_from(["int8", "int16", "int32", "int64", "uint8"])
SHAPES = hn.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def elements(dtype: Any) -> Any:
    if np.dtype(dtype).kind == "f":
        return st.floats(-100, 100, width=32)
    info = np.iinfo(dtype)
    return st.integers(max(info.min, -50), min(info.max, 50))


@st.composite
def arrays(draw: st.DrawFn, dtypes: Any = FLOATS, shapes: Any = SHAPES) -> Any:
    """Arrays of any strides."""
    dtype = draw(dtypes)
    array = draw(hn.arrays(dtype, draw(shapes), elements=elements(dtype)))
    if array.ndim and draw(st.booleans()):
        array = array.transpose(draw(st.permutations(range(array.ndim))))
    if array.ndim and draw(st.booleans()):
        array = np.flip(array, draw(st.integers(0, array.ndim - 1)))
    if array.ndim and array.shape[0] > 1 and draw(st.booleans()):
        array = array[::2]
    return array


@st.composite
def pairs(draw: st.DrawFn, dtypes: Any) -> Any:
    """Two arrays of one dtype that can be broadcast together."""
    shapes = draw(hn.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4)).input_shapes
    dtype = draw(dtypes)
    return [draw(hn.arrays(dtype, shape, elements=elements(dtype))) for shape in shapes]


def assert_equal(tensor: Any, array: Any, rtol: float = 1e-6) -> None:
    found = tensor.numpy()
    assert found.shape == np.shape(array)
    np.testing.assert_allclose(found, array, rtol=rtol, atol=1e-6, equal_nan=True)


@given(pairs(FLOATS))
def test_arithmetic_of_floats(both: Any) -> None:
    a, b = both
    x, y = Tensor(a), Tensor(b)
    with np.errstate(all="ignore"):
        for ours, theirs in [(x + y, a + b), (x - y, a - b), (x * y, a * b), (x / y, a / b)]:
            assert ours.dtype == theirs.dtype
            assert_equal(ours, theirs)
        assert_equal(x.maximum(y), np.maximum(a, b))
        assert_equal(x.minimum(y), np.minimum(a, b))
    for ours, theirs in [(x < y, a < b), (x <= y, a <= b), (x == y, a == b), (x != y, a != b), (x > y, a > b)]:
        assert_equal(ours, theirs)
    assert_equal(where(x > y, x, y), np.where(a > b, a, b))


@given(pairs(INTEGERS))
def test_arithmetic_of_integers(both: Any) -> None:
    a, b = both
    x, y = Tensor(a), Tensor(b)
    for ours, theirs in [
        (x + y, a + b),
        (x - y, a - b),
        (x * y, a * b),
        (x & y, a & b),
        (x | y, a | b),
        (x ^ y, a ^ b),
    ]:
        assert ours.dtype == theirs.dtype
        assert_equal(ours, theirs)
    if b.all():
        assert_equal(x // y, a // b)
        assert_equal(x % y, a % b)
    assert_equal(x >= y, a >= b)
    assert (x / y).dtype == "float32"


@given(arrays(), st.data())
def test_reductions(array: Any, data: st.DataObject) -> None:
    tensor = Tensor.from_numpy(array)
    axis = data.draw(st.none() | st.integers(-array.ndim, array.ndim - 1)) if array.ndim else None
    keepdims = data.draw(st.booleans())
    kwargs: dict[str, Any] = {"axis": axis, "keepdims": keepdims}
    assert_equal(tensor.sum(**kwargs), array.sum(**kwargs), 1e-4)
    assert_equal((tensor > 0).any(**kwargs), (array > 0).any(**kwargs))
    assert_equal((tensor > 0).all(**kwargs), (array > 0).all(**kwargs))
    size = array.size if axis is None else array.shape[axis]
    if size:
        assert_equal(tensor.mean(**kwargs), array.mean(**kwargs), 1e-4)
        assert_equal(tensor.max(**kwargs), array.max(**kwargs))
        assert_equal(tensor.amin(**kwargs), array.min(**kwargs))
        assert_equal(tensor.argmax(**kwargs), array.argmax(**kwargs))
        assert_equal(tensor.argmin(**kwargs), array.argmin(**kwargs))
        # In float32 NumPy's mean of equal elements may differ from them.
        assert_equal(tensor.std(correction=0, **kwargs), array.astype(np.float64).std(**kwargs), 1e-3)
        signs = np.sign(array)
        assert_equal(Tensor(signs).prod(**kwargs), signs.prod(**kwargs))
    assert_equal(tensor.cumsum(axis), array.cumsum(axis), 1e-4)


@given(arrays(shapes=hn.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)), st.data())
def test_indexing(array: Any, data: st.DataObject) -> None:
    index = data.draw(hn.basic_indices(array.shape, allow_newaxis=True))
    tensor = Tensor.from_numpy(array)
    assert_equal(tensor[index], array[index])
    if array[index].size:
        assert np.shares_memory(tensor[index].numpy(), array)
    changed, copied = tensor.clone(), array.copy()
    changed[index] = 7
    copied[index] = 7
    assert_equal(changed, copied)


@given(arrays(shapes=hn.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4)), st.data())
def test_indexing_with_arrays(array: Any, data: st.DataObject) -> None:
    index = data.draw(hn.integer_array_indices(array.shape, result_shape=hn.array_shapes(max_dims=2, max_side=3)))
    tensor = Tensor.from_numpy(array)
    entries = tuple(Tensor(entry) for entry in index)
    assert_equal(tensor[entries], array[index])
    mask = array > 0
    assert_equal(tensor[Tensor(mask)], array[mask])
    changed, copied = tensor.clone(), array.copy()
    changed[Tensor(mask)] = -1
    copied[mask] = -1
    assert_equal(changed, copied)
    mixed = (slice(None), *index[1:]) if array.ndim > 2 else index
    assert_equal(tensor[tuple(Tensor(e) if isinstance(e, np.ndarray) else e for e in mixed)], array[mixed])


@given(arrays(), st.data())
def test_movement(array: Any, data: st.DataObject) -> None:
    tensor = Tensor.from_numpy(array)
    order = data.draw(st.permutations(range(array.ndim)))
    if array.ndim:
        assert_equal(tensor.permute(*order), array.transpose(order))
        assert_equal(tensor.unsqueeze(-1), array[..., None])
    assert_equal(tensor.T, array.T)
    assert_equal(tensor.reshape(-1) if array.size else tensor.ravel(), array.ravel())
    assert_equal(tensor.flip(), np.flip(array))
    assert_equal(tensor.squeeze(), array.squeeze())
    counts = data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=5))
    assert_equal(tensor.tile(*counts), np.tile(array, counts))
    assert_equal(tensor.contiguous(), array)


@given(arrays(shapes=hn.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5)), st.data())
def test_orders(array: Any, data: st.DataObject) -> None:
    axis = data.draw(st.integers(-array.ndim, array.ndim - 1))
    tensor = Tensor.from_numpy(array)
    values, indices = tensor.sort(axis)
    assert_equal(values, np.sort(array, axis))
    assert_equal(tensor.gather(axis, indices), np.sort(array, axis))
    assert_equal(indices, np.argsort(array, axis, kind="stable"))
    falling = tensor.sort(axis, descending=True)
    assert_equal(falling.indices, np.argsort(-array, axis, kind="stable"))
    k = data.draw(st.integers(0, array.shape[axis]))
    assert_equal(tensor.topk(k, axis).values, np.flip(np.sort(array, axis), axis).take(range(k), axis))
    parts = tensor.split(2, axis)
    assert_equal(cat(list(parts), axis), array)


@given(st.data())
def test_matrix_products(data: st.DataObject) -> None:
    shapes = data.draw(hn.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=2, max_side=4))
    dtype = data.draw(FLOATS)
    a, b = (data.draw(hn.arrays(dtype, shape, elements=st.integers(-9, 9))) for shape in shapes.input_shapes)
    assert_equal(Tensor(a) @ Tensor(b), a @ b, 1e-5)


@pytest.mark.parametrize(
    "name", ["exp", "sin", "cos", "tan", "tanh", "sinh", "cosh", "floor", "ceil", "trunc", "abs", "sign", "square"]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_functions_of_elements(name: Any, dtype: Any) -> None:
    array = np.linspace(-3, 3, 101).astype(dtype)
    assert_equal(getattr(Tensor(array), name)(), getattr(np, name)(array), 2e-6)


@pytest.mark.parametrize(
    ("name", "numpy_name"),
    [("sqrt", "sqrt"), ("log", "log"), ("log1p", "log1p"), ("asin", "arcsin"), ("acos", "arccos"), ("atan", "arctan")]
    + [("atanh", "arctanh"), ("asinh", "arcsinh"), ("reciprocal", "reciprocal")],
)
def test_functions_of_positive_elements(name: Any, numpy_name: Any) -> None:
    array = np.linspace(0.01, 0.99, 99, dtype=np.float32)
    assert_equal(getattr(Tensor(array), name)(), getattr(np, numpy_name)(array), 2e-6)


def test_rounding_ties_go_to_even() -> None:
    assert Tensor([0.5, 1.5, 2.5, -0.5]).round().tolist() == [0.0, 2.0, 2.0, -0.0]


def test_nan_is_the_largest_and_the_smallest() -> None:
    array = np.array([[1.0, np.nan, 3.0], [4.0, 5.0, 6.0]])
    tensor = Tensor(array)
    assert_equal(tensor.max(axis=1), array.max(1))
    assert_equal(tensor.min(axis=0), array.min(0))
    assert tensor.argmax().item() == 1 and tensor.argmin(1).tolist() == [1, 0]
    negative = np.copysign(np.where(np.isnan(array), np.nan, array), np.where(np.isnan(array), -1, array))
    assert_equal(Tensor(negative).sort(1).values, np.sort(array, 1))
    assert tensor.isnan().sum().item() == 1 and tensor.isfinite().sum().item() == 5


def test_dtypes_are_promoted_as_in_torch() -> None:
    integers, floats = Tensor([1, 2]), Tensor([0.5, 1.5])
    assert (integers + floats).dtype == "float32"
    assert (integers + 1).dtype == "int64" and (integers + 1.5).dtype == "float32"
    assert (Tensor([1], "uint8") + Tensor([1], "int8")).dtype == "int16"
    assert (Tensor([1.0], "float16") + Tensor([1.0], "bfloat16")).dtype == "float32"
    assert (Tensor([1.0], "float16") + Tensor(1.0)).dtype == "float16"
    assert (Tensor([True]) + True).dtype == "bool" and (Tensor([True]) + 1).dtype == "int64"
    assert Tensor([True, True]).sum().dtype == "int64"
    assert (np.arange(2.0) + floats).dtype == "float64" and isinstance(np.arange(2.0) + floats, Tensor)
    assert (2 - floats).tolist() == [1.5, 0.5] and (2**integers).tolist() == [2, 4]
    with pytest.raises(InputError, match="uint16 and int64 have no common dtype"):
        Tensor([1], "uint16") + Tensor([1])


def test_numbers_beyond_a_dtype() -> None:
    small = Tensor([1, 200], "uint8")
    assert (small + 100).tolist() == [101, 44]
    assert (small < 300).tolist() == [True, True] and (small == -1).tolist() == [False, False]
    with pytest.raises(InputError, match="300 is out of the range of uint8"):
        zeros(2, dtype="uint8").masked_fill(Tensor([True, False]), Tensor(0)).maximum(Tensor(300, "uint8"))


def test_softmax_equals_its_definition() -> None:
    array = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    expected = np.exp(array - array.max(-1, keepdims=True))
    expected /= expected.sum(-1, keepdims=True)
    assert_equal(Tensor(array).softmax(-1), expected)
    assert_equal(Tensor(array).log_softmax(dim=1), np.log(expected), 1e-5)
    assert_equal(Tensor(array).softmax(axis=0).sum(0), np.ones(5))


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 4)]),
        ("bij,bjk->bik", [(5, 2, 3), (5, 3, 4)]),
        ("...ij,...jk", [(5, 2, 3), (5, 3, 4)]),
        ("i,j->ij", [(2,), (3,)]),
        ("ij->ji", [(2, 3)]),
        ("ijk->k", [(2, 3, 4)]),
        ("bhid,bhjd->bhij", [(2, 3, 4, 5), (2, 3, 6, 5)]),
        ("ij,ij->", [(2, 3), (2, 3)]),
        ("ab,cb->ca", [(2, 3), (4, 3)]),
        ("...i,i->...", [(2, 4, 3), (3,)]),
    ],
)
def test_einsum_equals_numpy(equation: Any, shapes: Any) -> None:
    generator = np.random.default_rng(0)
    arrays = [generator.normal(size=shape) for shape in shapes]
    assert_equal(einsum(equation, *map(Tensor, arrays)), np.einsum(equation, *arrays))


def test_wrong_arguments_are_named() -> None:
    tensor = zeros(2, 3)
    refused: list[tuple[Callable[[], object], str]] = [
        (lambda: tensor + zeros(4), "cannot be broadcast"),
        (lambda: tensor @ tensor, "3 is not 2"),
        (lambda: tensor.reshape(4), "cannot be reshaped"),
        (lambda: tensor.sum(2), "axis: 2 is out of range"),
        (lambda: tensor.permute(0, 0), "twice"),
        (lambda: cat([tensor, zeros(2)]), "tensor 1 has the shape"),
        (lambda: stack([]), "at least one"),
        (lambda: Tensor([1]) // 0, "division by zero"),
        (lambda: Tensor([2]) ** -1, "negative powers"),
        (lambda: ~tensor, "no meaning for float32"),
        (lambda: -Tensor([True]), "bool tensor has no negative"),
        (lambda: zeros(0).max(), "no element"),
        (lambda: tensor.topk(4), "4 is more than 3"),
        (lambda: tensor.index_select(1, Tensor([3])), "3 is out of range"),
        (lambda: bool(tensor), "ambiguous"),
        (lambda: tensor.item(), "not one element"),
        (lambda: tensor.to("float7"), "float7"),
        (lambda: einsum("ij,jk", tensor), "operands"),
        (lambda: Tensor([1]).mean(), "mean is one of floats"),
        (lambda: zeros(-1), "-1 is negative"),
        (lambda: zeros(1 << 40, 1 << 40), "too many elements"),
    ]
    for call, culprit in refused:
        with pytest.raises(InputError, match=culprit):
            call()
    for index in (2, (0, 3), (0, 0, 0), Tensor([5]), Tensor([True])):
        with pytest.raises(IndexError):
            tensor[index]
    with pytest.raises(IndexError):
        tensor[5] = 1
    with pytest.raises(InputError, match="value"):
        tensor[0] = zeros(4)
    text: Any = "a"
    with pytest.raises(TypeError, match="unsupported operand"):
        tensor + text


def test_iteration_and_membership() -> None:
    tensor = arange(6).reshape(2, 3)
    assert len(tensor) == 2 and [row.tolist() for row in tensor] == [[0, 1, 2], [3, 4, 5]]
    assert 4 in tensor and 7 not in tensor
    first, second = tensor
    assert second.tolist() == [3, 4, 5] and first.shape == (3,)
    with pytest.raises(TypeError, match="iterated"):
        iter(Tensor(1.0))
    assert [10, 20, 30][Tensor(1)] == 20 and float(Tensor(2.5)) == 2.5 and int(Tensor(2.5)) == 2


def test_the_forms_of_torch_scripts() -> None:
    hidden = Tensor(np.random.default_rng(0).normal(size=(2, 4, 3)).astype(np.float32))
    mask = Tensor([[1, 1, 0, 0], [1, 1, 1, 1]])
    expanded = mask.unsqueeze(-1).expand(hidden.size()).float()
    pooled = (hidden * expanded).sum(1) / expanded.sum(1).clamp(min=1e-9)
    assert_equal(pooled[0], hidden.numpy()[0, :2].mean(0), 1e-5)
    best = hidden.max(dim=-1)
    assert_equal(best.values, hidden.numpy().max(-1))
    assert best.indices.dtype == "int64" and hidden.argmax(-1).tolist() == best.indices.tolist()
    assert hidden.detach().cpu().numpy().shape == (2, 4, 3) and hidden.view(2, -1).shape == (2, 12)
    assert (mask == 0).nonzero().tolist() == [[0, 2], [0, 3]]
    assert [part.tolist() for part in (mask == 0).nonzero(as_tuple=True)] == [[0, 0], [2, 3]]
    assert eye(2).long().dtype == np.int64 and hidden.to("float16").dtype == "float16"
    assert hidden.to(mask).dtype == "int64" and hidden.to("cpu") is not None
    chunks = hidden.chunk(2, dim=1)
    assert [chunk.shape for chunk in chunks] == [(2, 2, 3), (2, 2, 3)]


def test_numbers_that_python_does_not_have_are_refused() -> None:
    long: Any = np.longdouble(1.5)
    with pytest.raises(InputError, match="array"):
        Tensor(long)
    with pytest.raises(InputError, match="longdouble"):
        zeros(2).clamp(long)


def test_a_result_beyond_the_memory_is_an_error() -> None:
    column, row = zeros(10**6, 1), zeros(1, 10**6)
    calls: list[Callable[[], object]] = [
        lambda: zeros(10**13),
        lambda: arange(10**13),
        lambda: arange(10**12, dtype="uint8"),
        lambda: eye(10**7),
        lambda: column * row,
        lambda: column == row,
        lambda: column @ row,
        lambda: where(column > row, 1.0, 2.0),
        lambda: zeros(1).tile(10**13),
        lambda: zeros(1).expand(10**13) + 1,
        lambda: zeros(1).expand(10**13).exp(),
        lambda: zeros(1).expand(10**13).bool(),
        lambda: cat([zeros(1).expand(10**13)] * 2),
    ]
    for call in calls:
        with pytest.raises(OutOfMemoryError, match="shape"):
            call()


@pytest.mark.parametrize("dtype", ["int8", "int64"])
def test_integers_are_divided_as_in_numpy_at_the_ends_of_their_range(dtype: str) -> None:
    info = np.iinfo(dtype)
    values = np.array([info.min, info.min + 1, -100, -1, 0, 1, 100, info.max - 1, info.max], dtype)
    divisors = values[values != 0]
    with np.errstate(over="ignore"):
        for divisor in divisors:
            ours = Tensor(values), Tensor(np.full_like(values, divisor))
            assert (ours[0] // ours[1]).tolist() == (values // divisor).tolist(), divisor
            assert (ours[0] % ours[1]).tolist() == (values % divisor).tolist(), divisor
            assert (ours[0] // int(divisor)).tolist() == (values // divisor).tolist(), divisor


@given(pairs(st.just("float64")))
def test_floats_are_divided_with_a_remainder_as_in_numpy(both: Any) -> None:
    a, b = both
    with np.errstate(all="ignore"):
        assert_equal(Tensor(a) // Tensor(b), a // b)
        assert_equal(Tensor(a) % Tensor(b), a % b)
    assert (Tensor([2.5]) % 1e10).tolist() == [2.5] and (Tensor([-7.0]) // np.inf).tolist() == [-1]


def test_precision_is_kept() -> None:
    doubles = Tensor(np.array([0.1, 0.2]))
    assert doubles.masked_fill(Tensor([True, False]), 0.3).tolist() == [0.3, 0.2]
    changed = doubles.clone()
    changed[:] = [0.3, 0.4]
    assert changed.tolist() == [0.3, 0.4]
    assert arange(2**53, 2**53 + 3).tolist() == [2**53, 2**53 + 1, 2**53 + 2]
    assert arange(2**63 - 3, 2**63 - 1).tolist() == [2**63 - 3, 2**63 - 2]
    large = Tensor(np.array([2**63, 5], "uint64"))
    assert large.sum().item() == 2**63 + 5 and large.sum().dtype == "uint64"
    with pytest.raises(InputError, match="out of the range of uint8"):
        arange(0, 300, dtype="uint8")
    with pytest.raises(InputError, match="exponent"):
        Tensor([3]) ** (2**33)
    with pytest.raises(InputError, match="out of the range of int8"):
        Tensor([7], "int8").clamp(-1000, 1000)
    assert Tensor([200, 100], "uint8").sum(dtype="uint8").tolist() == 44
    assert np.isnan(Tensor([np.nan]).relu().item())


def test_long_sorts_are_stable() -> None:
    array = np.tile([0.0, 1.0, -0.0, np.nan], 50)
    assert Tensor(array).argsort().tolist() == np.argsort(array, kind="stable").tolist()
    assert Tensor([0, 1] * 30).topk(2).indices.tolist() == [1, 3]
    matrix = np.random.default_rng(0).integers(0, 3, (40, 3, 5))
    for axis in range(3):
        assert_equal(Tensor(matrix).argsort(axis), np.argsort(matrix, axis, kind="stable"))


def test_assignments_of_several_threads_are_all_kept() -> None:
    tensor = zeros(100_000)

    def work(start: int) -> None:
        for index in range(start, start + 100):
            tensor[index] = 1.0

    threads = [threading.Thread(target=work, args=(start,)) for start in range(0, 400, 100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tensor.sum().item() == 400
