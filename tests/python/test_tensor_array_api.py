"""`trustformers.tensor` has the functions of the array API standard 2024.12, whose results equal NumPy's.

https://data-apis.org/array-api/2024.12/API_specification/index.html
"""

from typing import Any

import numpy as np
import pytest
import trustformers.tensor as xp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hn
from trustformers import Tensor

settings.register_profile("array_api", deadline=None, max_examples=25)
settings.load_profile("array_api")

NAMES = """
e inf nan newaxis pi arange asarray empty empty_like eye from_dlpack full full_like linspace meshgrid ones ones_like
tril triu zeros zeros_like astype can_cast finfo iinfo isdtype result_type bool int8 int16 int32 int64 uint8 uint16
uint32 uint64 float32 float64 abs acos acosh add asin asinh atan atan2 atanh bitwise_and bitwise_left_shift
bitwise_invert bitwise_or bitwise_right_shift bitwise_xor ceil clip copysign cos cosh divide equal exp expm1 floor
floor_divide greater greater_equal hypot isfinite isinf isnan less less_equal log log1p log2 log10 logaddexp
logical_and logical_not logical_or logical_xor maximum minimum multiply negative nextafter not_equal positive pow
reciprocal remainder round sign signbit sin sinh square sqrt subtract tan tanh trunc take take_along_axis
__array_namespace_info__ matmul matrix_transpose tensordot vecdot broadcast_arrays broadcast_to concat expand_dims
flip moveaxis permute_dims repeat reshape roll squeeze stack tile unstack argmax argmin count_nonzero nonzero
searchsorted where unique_all unique_counts unique_inverse unique_values argsort sort cumulative_prod cumulative_sum
max mean min prod std sum var all any diff
"""
METHODS = """
__abs__ __add__ __and__ __array_namespace__ __bool__ __dlpack__ __dlpack_device__ __eq__ __float__ __floordiv__
__ge__ __getitem__ __gt__ __index__ __int__ __invert__ __le__ __lshift__ __lt__ __matmul__ __mod__ __mul__ __ne__
__neg__ __or__ __pos__ __pow__ __rshift__ __setitem__ __sub__ __truediv__ __xor__ to_device dtype device mT ndim
shape T
"""

FLOATS = ("float32", "float64")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8")
ALL = ("bool", *INTEGERS, *FLOATS)
SHAPES = hn.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


def elements(dtype: Any, low: float = -50, high: float = 50) -> Any:
    if dtype == "bool":
        return st.booleans()
    if dtype in FLOATS:
        return st.floats(low, high, width=32)
    return st.integers(max(np.iinfo(dtype).min, int(low)), min(np.iinfo(dtype).max, int(high)))


def arrays(dtypes: Any, shape: Any = SHAPES, low: float = -50, high: float = 50) -> Any:
    return st.sampled_from(dtypes).flatmap(lambda dtype: hn.arrays(dtype, shape, elements=elements(dtype, low, high)))


def same(found: Any, expected: Any, rtol: float = 2e-5) -> None:
    found = np.asarray(found)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-6)


@pytest.mark.parametrize("name", NAMES.split())
def test_the_namespace_has_every_name_of_the_standard(name: str) -> None:
    assert hasattr(xp, name)


@pytest.mark.parametrize("name", METHODS.split())
def test_tensors_have_every_attribute_of_the_standard(name: str) -> None:
    assert hasattr(Tensor([[1.0]]), name)


EVERYWHERE = "atan asinh cos exp expm1 floor ceil round trunc sin tanh isfinite isinf isnan signbit reciprocal"
UNARY: list[Any] = [(name, FLOATS, -50.0, 50.0) for name in EVERYWHERE.split()]
UNARY += [(name, FLOATS, -1.0, 1.0) for name in ("acos", "asin", "tan", "sinh", "cosh")]
UNARY += [("atanh", FLOATS, -0.875, 0.875), ("acosh", FLOATS, 1.0, 50.0)]
UNARY += [(name, FLOATS, 0.0078125, 50.0) for name in ("log", "log1p", "log2", "log10", "sqrt")]
UNARY += [(name, (*INTEGERS, *FLOATS), -9.0, 9.0) for name in ("abs", "negative", "positive", "sign", "square")]
UNARY += [("bitwise_invert", ("bool", *INTEGERS), -50.0, 50.0), ("logical_not", ALL, -50.0, 50.0)]


@pytest.mark.parametrize(("name", "dtypes", "low", "high"), UNARY, ids=[name for name, *_ in UNARY])
@given(data=st.data())
def test_functions_of_elements(name: str, dtypes: Any, low: float, high: float, data: Any) -> None:
    x = data.draw(arrays(dtypes, low=low, high=high))
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(x)
    found = getattr(xp, name)(Tensor(x))
    assert found.dtype == expected.dtype
    same(found, expected)


BINARY: list[Any] = [(name, (*INTEGERS, *FLOATS)) for name in ("add", "subtract", "multiply", "maximum", "minimum")]
BINARY += [(name, ALL) for name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")]
BINARY += [(name, FLOATS) for name in ("atan2", "copysign", "hypot", "logaddexp", "nextafter", "divide")]
BINARY += [(f"bitwise_{name}", ("bool", *INTEGERS)) for name in ("and", "or", "xor")]
BINARY += [(f"bitwise_{name}_shift", INTEGERS) for name in ("left", "right")]
BINARY += [(f"logical_{name}", ALL) for name in ("and", "or", "xor")]
BINARY += [(name, (*INTEGERS, *FLOATS)) for name in ("floor_divide", "remainder")]


@pytest.mark.parametrize(("name", "dtypes"), BINARY, ids=[name for name, _ in BINARY])
@given(data=st.data())
def test_functions_of_two_elements(name: str, dtypes: Any, data: Any) -> None:
    shapes = data.draw(hn.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)).input_shapes
    dtype = data.draw(st.sampled_from(dtypes))
    low = 0 if "shift" in name else -50
    a, b = (data.draw(hn.arrays(dtype, shape, elements=elements(dtype, low, 50))) for shape in shapes)
    if name in ("floor_divide", "remainder"):
        b = np.where(b == 0, np.ones_like(b), b)
    with np.errstate(all="ignore"):
        expected = getattr(np, name)(a, b)
    found = getattr(xp, name)(Tensor(a), Tensor(b))
    assert found.dtype == expected.dtype
    same(found, expected)


REDUCTIONS: list[Any] = [(name, (*INTEGERS, *FLOATS)) for name in ("max", "min", "sum")]
REDUCTIONS += [(name, FLOATS) for name in ("mean", "std", "var")] + [(name, ALL) for name in ("all", "any")]


@pytest.mark.parametrize(("name", "dtypes"), REDUCTIONS, ids=[name for name, _ in REDUCTIONS])
@given(data=st.data())
def test_reductions(name: str, dtypes: Any, data: Any) -> None:
    x = data.draw(arrays(dtypes, hn.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)))
    axis = data.draw(st.sampled_from([None, *range(-x.ndim, x.ndim), tuple(range(x.ndim))]))
    keepdims = data.draw(st.booleans())
    found = getattr(xp, name)(Tensor(x), axis=axis, keepdims=keepdims)
    if name == "sum" and x.dtype.kind in "iu":
        x = x.astype(np.int64)
    expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    assert found.dtype == expected.dtype
    same(found, expected, rtol=1e-4)


@given(x=arrays(ALL, hn.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4)), data=st.data())
def test_searches_and_sorts(x: Any, data: Any) -> None:
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    tensor = Tensor(x)
    same(xp.argmax(tensor, axis=axis), np.argmax(x, axis=axis))
    same(xp.argmin(tensor, axis=axis, keepdims=True), np.argmin(x, axis=axis, keepdims=True))
    same(xp.sort(tensor, axis=axis), np.sort(x, axis=axis))
    same(xp.argsort(tensor, axis=axis), np.argsort(x, axis=axis, kind="stable"))
    same(xp.count_nonzero(tensor, axis=axis), np.count_nonzero(x, axis=axis))
    for found, expected in zip(xp.nonzero(tensor), np.nonzero(x), strict=True):
        same(found, expected)
    values, indices, inverse, counts = np.unique(x, True, True, True)
    unique = xp.unique_all(tensor)
    same(unique.values, values)
    same(unique.indices, indices)
    same(unique.inverse_indices, inverse.reshape(x.shape))
    same(unique.counts, counts)
    edges = np.sort(x.reshape(-1))
    for side in ("left", "right"):
        same(xp.searchsorted(Tensor(edges), tensor, side=side), np.searchsorted(edges, x, side=side))


@given(x=arrays(ALL, hn.array_shapes(min_dims=2, max_dims=3, min_side=0, max_side=4)), data=st.data())
def test_manipulations(x: Any, data: Any) -> None:
    tensor = Tensor(x)
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    other = data.draw(st.integers(-x.ndim, x.ndim - 1))
    same(xp.moveaxis(tensor, axis, other), np.moveaxis(x, axis, other))
    same(xp.roll(tensor, 3, axis=axis), np.roll(x, 3, axis=axis))
    same(xp.roll(tensor, -1), np.roll(x, -1))
    same(xp.repeat(tensor, 2, axis=axis), np.repeat(x, 2, axis=axis))
    same(xp.repeat(tensor, 2), np.repeat(x, 2))
    same(xp.flip(tensor, axis=axis), np.flip(x, axis=axis))
    same(xp.flip(tensor), np.flip(x))
    same(xp.expand_dims(tensor, axis=axis), np.expand_dims(x, axis))
    same(xp.squeeze(xp.expand_dims(tensor, axis=axis), axis), x)
    same(xp.concat([tensor, tensor], axis=axis), np.concatenate([x, x], axis=axis))
    same(xp.concat([tensor, tensor], axis=None), np.concatenate([x, x], axis=None))
    same(xp.stack([tensor, tensor], axis=axis), np.stack([x, x], axis=axis))
    same(xp.tile(tensor, (2, 1, 2)), np.tile(x, (2, 1, 2)))
    same(xp.broadcast_to(tensor, (2, *x.shape)), np.broadcast_to(x, (2, *x.shape)))
    same(xp.matrix_transpose(tensor), np.swapaxes(x, -1, -2))
    same(xp.tril(tensor, k=1), np.tril(x, 1))
    same(xp.triu(tensor, k=-1), np.triu(x, -1))
    for found, part in zip(xp.unstack(tensor, axis=axis), np.moveaxis(x, axis, 0), strict=True):
        same(found, part)
    if x.dtype != bool and x.shape[axis]:
        same(xp.diff(tensor, axis=axis), np.diff(x, axis=axis))


@given(x=arrays(FLOATS, (3, 4), -5, 5), y=arrays(FLOATS, (4, 2), -5, 5))
def test_products(x: Any, y: Any) -> None:
    y = y.astype(x.dtype)
    same(xp.matmul(Tensor(x), Tensor(y)), x @ y, rtol=1e-4)
    same(xp.tensordot(Tensor(x), Tensor(y), axes=1), np.tensordot(x, y, 1), rtol=1e-4)
    same(xp.vecdot(Tensor(x), Tensor(x)), (x * x).sum(-1), rtol=1e-4)


@given(x=arrays(FLOATS, (2, 3), -5, 5), data=st.data())
def test_cumulative_results(x: Any, data: Any) -> None:
    axis = data.draw(st.integers(-2, 1))
    same(xp.cumulative_sum(Tensor(x), axis=axis), np.cumsum(x, axis=axis), rtol=1e-4)
    padded = np.insert(np.cumprod(x, axis=axis), 0, 1, axis=axis)
    same(xp.cumulative_prod(Tensor(x), axis=axis, include_initial=True), padded, rtol=1e-4)


def test_creation_takes_the_arguments_of_the_standard() -> None:
    same(xp.arange(1, stop=7, step=2), np.arange(1, 7, 2))
    same(xp.linspace(0, 1, 5, endpoint=False), np.linspace(0, 1, 5, endpoint=False))
    same(xp.linspace(0, stop=1, num=3), np.linspace(0, 1, 3))
    same(xp.eye(2, 3, k=1), np.eye(2, 3, 1))
    same(xp.full((2,), 3), np.full((2,), 3))
    assert xp.can_cast("uint8", "int16") and not xp.can_cast("float64", "float32")
    info = xp.__array_namespace_info__()
    assert info.default_dtypes()["real floating"] == "float32" and info.capabilities()["boolean indexing"]
    assert set(info.dtypes(kind="bool")) == {"bool"}
    assert Tensor([1.0]).__array_namespace__() is xp
    assert Tensor([1.0]).to_device("cpu").tolist() == [1.0]
