"""Methods and functions that scripts for torch expect of tensors equal NumPy's counterparts."""

import math
from typing import Any

import numpy as np
import pytest
import trustformers.tensor as T
from trustformers import Tensor, set_seed
from trustformers.errors import InputError, UnsupportedError

rng = np.random.default_rng(0)
X = rng.normal(size=(2, 3, 4))
M = rng.normal(size=(3, 4))


def same(found: Any, expected: Any, rtol: float = 1e-12) -> None:
    found = found.numpy()
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda x: x.expm1(), np.expm1),
        (lambda x: x.exp2(), np.exp2),
        (lambda x: x.abs().log2(), lambda x: np.log2(np.abs(x))),
        (lambda x: x.abs().log10(), lambda x: np.log10(np.abs(x))),
        (lambda x: x.abs().rsqrt(), lambda x: 1 / np.sqrt(np.abs(x))),
        (lambda x: x.square(), np.square),
        (lambda x: x.round(decimals=2), lambda x: np.round(x, 2)),
        (lambda x: x.div(0.3, rounding_mode="floor"), lambda x: np.floor(x / 0.3)),
        (lambda x: x.div(0.3, rounding_mode="trunc"), lambda x: np.trunc(x / 0.3)),
        (lambda x: x.fmod(0.7), lambda x: np.fmod(x, 0.7)),
        (lambda x: x.add(x, alpha=2), lambda x: 3 * x),
        (lambda x: x.sub(x, alpha=2), lambda x: -x),
        (lambda x: x.where(x > 0, 0.5), lambda x: np.where(x > 0, x, 0.5)),
        (lambda x: x.narrow(1, 1, 2), lambda x: x[:, 1:3]),
        (lambda x: x.narrow(2, -3, 2), lambda x: x[:, :, -3:-1]),
        (lambda x: x.select(1, -1), lambda x: x[:, -1]),
        (lambda x: x.triu(1), lambda x: np.triu(x, 1)),
        (lambda x: x.tril(-1), lambda x: np.tril(x, -1)),
        (lambda x: x.diagonal(1, 0, 2), lambda x: np.diagonal(x, 1, 0, 2)),
        (lambda x: x.diagonal(-2, 1, 2), lambda x: np.diagonal(x, -2, 1, 2)),
        (lambda x: x.diagonal(7), lambda x: np.diagonal(x, 7)),
        (lambda x: x[0].diag(-1), lambda x: np.diag(x[0], -1)),
        (lambda x: x[0, 0].diag(-1), lambda x: np.diag(x[0, 0], -1)),
        (lambda x: x[0, 0].diag(2), lambda x: np.diag(x[0, 0], 2)),
        (lambda x: x[0].trace(), lambda x: np.trace(x[0])),
        (lambda x: x.roll(5), lambda x: np.roll(x, 5)),
        (lambda x: x.roll((1, -2), (0, 2)), lambda x: np.roll(x, (1, -2), (0, 2))),
        (lambda x: x.movedim(0, -1), lambda x: np.moveaxis(x, 0, -1)),
        (lambda x: x.movedim((0, 1), (2, 0)), lambda x: np.moveaxis(x, (0, 1), (2, 0))),
        (lambda x: x.repeat_interleave(2), lambda x: np.repeat(x, 2)),
        (lambda x: x.repeat_interleave(Tensor([1, 0, 3]), 1), lambda x: np.repeat(x, [1, 0, 3], 1)),
        (lambda x: x.logsumexp(1), lambda x: np.log(np.exp(x).sum(1))),
        (lambda x: x.logsumexp((0, 2), keepdim=True), lambda x: np.log(np.exp(x).sum((0, 2), keepdims=True))),
        (lambda x: x.quantile(0.3), lambda x: np.quantile(x, 0.3)),
        (lambda x: x.quantile(Tensor([0.1, 0.5], dtype="float64"), 1), lambda x: np.quantile(x, [0.1, 0.5], 1)),
        (
            lambda x: x.quantile(0.4, 2, True, interpolation="higher"),
            lambda x: np.quantile(x, 0.4, 2, method="higher", keepdims=True),
        ),
        (lambda x: x.median(1).values, lambda x: np.median(x, 1)),
        (lambda x: x.cummax(1).values, lambda x: np.maximum.accumulate(x, 1)),
        (lambda x: x.cummin(2).values, lambda x: np.minimum.accumulate(x, 2)),
        (lambda x: x.var(unbiased=False), np.var),
        (lambda x: x.std(1, False), lambda x: np.std(x, 1)),
        (lambda x: x.var(False), np.var),
        (lambda x: x.std(axis=1, ddof=1), lambda x: np.std(x, 1, ddof=1)),
        (lambda x: x.lerp(x + 1, 0.25), lambda x: x + 0.25),
        (lambda x: x.addcmul(x, x, value=0.5), lambda x: x + 0.5 * x * x),
        (lambda x: x.addcdiv(x, x, value=0.5), lambda x: x + 0.5),
        (
            lambda x: x[0, :, :3].addmm(x[0], x[1].t(), beta=0.5, alpha=2),
            lambda x: 0.5 * x[0, :, :3] + 2 * x[0] @ x[1].T,
        ),
        (lambda x: x.bmm(x.mT).baddbmm(x, x.mT), lambda x: 2 * x @ x.swapaxes(1, 2)),
        (lambda x: x[0].mv(x[1, 0]), lambda x: x[0] @ x[1, 0]),
        (lambda x: x[0, 0].outer(x[0, :, 0]), lambda x: np.outer(x[0, 0], x[0, :, 0])),
        (lambda x: x.take(Tensor([[0, 5], [23, 1]])), lambda x: np.take(x, [[0, 5], [23, 1]])),
        (lambda x: x.unflatten(2, (2, -1)), lambda x: x.reshape(2, 3, 2, 2)),
        (lambda x: x.view_as(T.zeros(4, 6)), lambda x: x.reshape(4, 6)),
        (lambda x: x.permute(dims=(2, 0, 1)), lambda x: x.transpose(2, 0, 1)),
        (lambda x: x.flip(dims=(0, 1)), lambda x: np.flip(x, (0, 1))),
        (lambda x: x.transpose(dim0=0, dim1=2), lambda x: x.swapaxes(0, 2)),
        (lambda x: x[0].H, lambda x: x[0].T),
        (lambda x: T.sub(x, x, alpha=3), lambda x: -2 * x),
        (lambda x: T.hypot(x, x), lambda x: np.hypot(x, x)),
        (lambda x: T.logaddexp(x, x * 2), lambda x: np.logaddexp(x, x * 2)),
        (lambda x: T.copysign(x, -x), lambda x: np.copysign(x, -x)),
        (lambda x: T.nextafter(x, x + 1), lambda x: np.nextafter(x, x + 1)),
        (lambda x: T.diff(x, 2, axis=1), lambda x: np.diff(x, 2, 1)),
        (lambda x: T.vstack([x[0], x[0, 0]]), lambda x: np.vstack([x[0], x[0, 0]])),
        (lambda x: T.hstack([x[0], x[1]]), lambda x: np.hstack([x[0], x[1]])),
        (lambda x: T.tensordot(x, x, axes=([0, 2], [0, 2])), lambda x: np.tensordot(x, x, ([0, 2], [0, 2]))),
        (lambda x: T.tensordot(x, x.permute(2, 0, 1), axes=1), lambda x: np.tensordot(x, x.transpose(2, 0, 1), 1)),
        (lambda x: T.vecdot(x, x), lambda x: (x * x).sum(-1)),
        (lambda x: T.einsum("iij->ij", x[:, :2]), lambda x: np.einsum("iij->ij", x[:, :2])),
        (lambda x: T.einsum("ii", x[:, 0, :2]), lambda x: np.einsum("ii", x[:, 0, :2])),
        (lambda x: T.einsum("aij,akj,akl->il", x, x, x), lambda x: np.einsum("aij,akj,akl->il", x, x, x)),
        (
            lambda x: T.einsum("...j,j,j->...", [x, x[0, 0], x[0, 1]]),
            lambda x: np.einsum("...j,j,j->...", x, x[0, 0], x[0, 1]),
        ),
        (lambda x: T.meshgrid([x[0, 0], x[0, :, 0]])[0], lambda x: np.meshgrid(x[0, 0], x[0, :, 0], indexing="ij")[0]),
        (lambda x: T.meshgrid(x[0, 0], x[0, :, 0])[1], lambda x: np.meshgrid(x[0, 0], x[0, :, 0])[1]),
        (lambda x: T.roll(x, shifts=1, dims=0), lambda x: np.roll(x, 1, 0)),
    ],
)
def test_results_equal_numpys(ours: Any, theirs: Any) -> None:
    same(ours(Tensor(X)), theirs(X), rtol=1e-11)


def test_logarithms_are_exact_at_powers_of_their_base() -> None:
    for dtype, count in (("float32", 38), ("float64", 200)):
        twos = Tensor([2.0**k for k in range(-100, 100)], dtype=dtype)
        assert twos.log2().tolist() == [float(k) for k in range(-100, 100)]
        tens = Tensor([10.0**k for k in range(-30, count)], dtype=dtype)
        assert tens.log10().tolist() == [float(k) for k in range(-30, count)]
    special = Tensor([0.0, math.inf, -1.0, 1.0])
    np.testing.assert_array_equal(special.log2().numpy(), [-math.inf, math.inf, math.nan, 0.0])
    assert Tensor([8, 16]).log2().tolist() == [3.0, 4.0]


def test_expm1_keeps_small_and_large_elements() -> None:
    x = np.array([1e-20, -1e-10, 1e-5, -50.0, -1e5, 800.0, 0.0, math.inf, -math.inf, math.nan])
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(Tensor(x).expm1().numpy(), np.expm1(x), rtol=1e-14)


def test_scattered_elements_equal_numpys() -> None:
    index = np.array([[2, 0, 1, 2], [0, 0, 2, 2]])
    source = rng.normal(size=(2, 4))
    put = M.copy()
    for i, j in np.ndindex(2, 4):
        put[index[i, j], j] = source[i, j]
    same(Tensor(M).scatter(0, Tensor(index), Tensor(source)), put)
    added = M.copy()
    np.add.at(added, (index, np.arange(4)[None]), source)
    same(Tensor(M).scatter_add(0, Tensor(index), Tensor(source)), added)
    small = M.copy()
    np.add.at(small, (index[:1, :2], np.arange(2)[None]), source[:1, :2])
    same(Tensor(M).scatter_add(0, Tensor(index[:1, :2]), Tensor(source)), small)
    filled = M.copy()
    filled[index[0, :3], np.arange(3)] = 7.0
    same(Tensor(M).scatter(0, Tensor(index[:1, :3]), 7.0), filled)
    x = Tensor(M.copy())
    x.scatter_(0, Tensor(index), value=0)
    assert (x == 0).sum() == len({(index[i, j], j) for i, j in np.ndindex(2, 4)})
    with pytest.raises(InputError, match="out of range"):
        Tensor(M).scatter(0, Tensor([[3]]), Tensor([[1.0]]).double())
    with pytest.raises(InputError, match="src"):
        Tensor(M).scatter(0, Tensor([[0]]), Tensor([[1.0]]))


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int32", "uint8", "bool"])
def test_slices_are_added_copied_and_filled(dtype: str) -> None:
    base, source, index = (M > 0).astype(dtype), np.ones((3, 3), dtype), [1, 1, 3]
    if dtype != "bool":
        added = base.copy()
        selected: Any = (slice(None), index)
        np.add.at(added, selected, source)
        assert Tensor(base).index_add(1, Tensor(index), Tensor(source)).tolist() == added.tolist()
    copied = base.copy()
    copied[:, index] = source
    assert Tensor(base).index_copy(1, Tensor(index), Tensor(source)).tolist() == copied.tolist()
    assert Tensor(base).index_fill(1, Tensor(index), 1).tolist() == copied.tolist()
    assert Tensor(base).index_fill(1, Tensor(index), 1).dtype == dtype


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int8", "uint8", "bool"])
@pytest.mark.parametrize("shape", [(5, 4), (0,), (), (1,)])
def test_distinct_elements_equal_numpys(dtype: str, shape: Any) -> None:
    array = rng.integers(0, 5, shape).astype(dtype)
    values, inverse, counts = Tensor(array).unique(return_inverse=True, return_counts=True)
    expected = np.unique(array, return_index=True, return_inverse=True, return_counts=True)
    assert values.tolist() == expected[0].tolist() and values.dtype == dtype
    assert inverse.tolist() == expected[2].reshape(shape).tolist()
    assert counts.tolist() == expected[3].tolist()
    found = T.unique_all(Tensor(array))
    assert found.indices.tolist() == expected[1].tolist()
    assert Tensor(array).unique().tolist() == expected[0].tolist()


def test_integers_are_counted() -> None:
    x = np.array([1, 4, 1, 0])
    assert Tensor(x).bincount(minlength=7).tolist() == np.bincount(x, minlength=7).tolist()
    weights = np.array([0.5, 1.0, 2.0, 3.0])
    same(Tensor(x).bincount(Tensor(weights)), np.bincount(x, weights))
    assert Tensor(np.array([], dtype=np.int64)).bincount().shape == (0,)
    with pytest.raises(InputError, match="negative"):
        Tensor([-1]).bincount()
    assert Tensor(X).count_nonzero().item() == 24
    assert Tensor([[0, 1], [2, 3]]).count_nonzero(1).tolist() == [1, 2]


def test_medians_and_cumulative_extrema_have_the_indices_of_torch() -> None:
    x = Tensor([[3.0, 1.0, 2.0, 4.0], [1.0, math.nan, 0.0, 2.0]])
    values, indices = x.median(1)
    np.testing.assert_array_equal(values.numpy(), [2.0, math.nan])
    assert indices.tolist() == [2, 1] and x.median().isnan()
    values, indices = Tensor([1, 3, 3, 2, 5]).cummax(0)
    assert values.tolist() == [1, 3, 3, 3, 5] and indices.tolist() == [0, 1, 2, 2, 4]


def test_elements_are_put_at_indices() -> None:
    rows, cols, values = [0, 2, 0], [1, 3, 1], np.array([1.0, 2.0, 3.0])
    expected = M.copy()
    np.add.at(expected, (rows, cols), values)
    same(Tensor(M).index_put((Tensor(rows), Tensor(cols)), Tensor(values), accumulate=True), expected)
    x = Tensor(M.copy())
    x.index_put_([Tensor(rows)], Tensor(np.zeros(4)))
    assert (x == 0).all(1).tolist() == [True, False, True]
    put = M.copy()
    put[M > 0] = np.arange((M > 0).sum())
    same(Tensor(M).masked_scatter(Tensor(M > 0), Tensor(np.arange(12.0))), put)
    with pytest.raises(InputError, match="elements"):
        Tensor(M).masked_scatter(Tensor(M > 0), Tensor([1.0]).double())


def test_windows_equal_numpys() -> None:
    windows = np.lib.stride_tricks.sliding_window_view(X, 2, axis=1)
    same(Tensor(X).unfold(1, 2, 1), windows)
    same(Tensor(X).unfold(2, 3, 2), np.lib.stride_tricks.sliding_window_view(X, 3, axis=2)[:, :, ::2])
    with pytest.raises(InputError, match="windows"):
        Tensor(X).unfold(1, 4, 1)


def test_shapes_change_in_place() -> None:
    x = Tensor(M.copy())
    assert x.unsqueeze_(0).shape == (1, 3, 4) and x.squeeze_().shape == (3, 4) and x.transpose_(0, 1).shape == (4, 3)
    same(x.triu_(), np.triu(M.T))
    with pytest.raises(InputError, match="leaf"):
        Tensor([1.0], requires_grad=True).unsqueeze_(0)


def test_nan_is_left_out() -> None:
    x = np.array([[1.0, math.nan, 2.0], [math.nan, 4.0, 6.0]])
    same(Tensor(x).nansum(1), np.nansum(x, 1))
    same(T.nanmean(Tensor(x)), np.nanmean(x))
    low, high = Tensor(X).aminmax(dim=1)
    same(low, X.min(1))
    same(high, X.max(1))


def test_closeness_follows_the_tolerances() -> None:
    a = np.array([1.0, 1.0 + 1e-9, math.inf, math.nan, 0.0])
    b = np.array([1.0, 1.0, math.inf, math.nan, 1e-3])
    for equal_nan in (False, True):
        expected = np.isclose(a, b, equal_nan=equal_nan)
        assert Tensor(a).isclose(Tensor(b), equal_nan=equal_nan).tolist() == expected.tolist()
    assert Tensor(a[:3]).allclose(Tensor(b[:3])) is True and T.allclose(Tensor(a), Tensor(b)) is False
    assert Tensor(np.array([1, 200], np.uint8)).isclose(Tensor(np.array([2, 200], np.uint8))).tolist() == [False, True]


def test_nan_and_infinities_are_replaced() -> None:
    x = np.array([math.nan, math.inf, -math.inf, 1.0], np.float32)
    assert Tensor(x).nan_to_num().tolist() == np.nan_to_num(x).tolist()
    assert Tensor(x).nan_to_num(1.0, 2.0, 3.0).tolist() == [1.0, 2.0, 3.0, 1.0]
    assert Tensor(x).half().nan_to_num().tolist() == [0.0, 65504.0, -65504.0, 1.0]


def test_random_integers_and_permutations_follow_the_seed() -> None:
    def draw() -> Any:
        T.manual_seed(3)
        weights = Tensor([[0.0, 1.0, 3.0], [1.0, 0.0, 0.0]])
        return [
            T.randint(2, 7, (2000,)).tolist(),
            T.randint(3, (4,)).tolist() + T.randint(high=3, size=(2,)).tolist(),
            T.randperm(50).tolist(),
            T.multinomial(weights, 4000, True).tolist(),
            T.multinomial(weights[:1], 2).tolist(),
        ]

    first, second = draw(), draw()
    assert first == second
    numbers, small, order, drawn, once = first
    assert set(numbers) == {2, 3, 4, 5, 6} and set(small) <= {0, 1, 2}
    assert np.bincount(numbers)[2:].min() > 300
    assert sorted(order) == list(range(50)) and order != list(range(50))
    assert set(drawn[1]) == {0} and abs(np.mean(np.array(drawn[0]) == 2) - 0.75) < 0.05 and 0 not in drawn[0]
    assert sorted(once[0]) == [1, 2]
    with pytest.raises(InputError, match="positive"):
        T.multinomial(Tensor([0.0, 1.0]), 2)
    set_seed(1)
    big = T.randint(-(2**62), 2**62, (1000,))
    assert len(set(big.tolist())) == 1000 and int(big.min()) < 0 < int(big.max())


def test_new_tensors_have_the_dtype_of_the_tensor() -> None:
    x = Tensor([1.0], dtype="float64")
    assert x.new_zeros(2, 3).shape == (2, 3) and x.new_zeros((2, 3)).dtype == "float64"
    assert x.new_ones(2).tolist() == [1.0, 1.0] and x.new_empty((0,)).shape == (0,)
    assert x.new_full((2,), 7, dtype="int32").tolist() == [7, 7]
    assert x.new_tensor([1, 2]).dtype == "float64"
    assert T.rand_like(x).dtype == "float64" and T.randn_like(x, dtype="float32").dtype == "float32"
    assert T.zeros(2, requires_grad=True).requires_grad and T.randn(2, requires_grad=True).is_leaf
    assert x.type_as(Tensor([1])).dtype == "int64"


def test_shapes_are_tuples_with_a_number_of_elements() -> None:
    x: Any = T.zeros(2, 3)
    assert x.shape == (2, 3) and issubclass(type(x.shape), tuple) and x.shape.numel() == 6
    rest, longer = x.size()[1:], x.shape + (4,)
    assert type(x.size()) is T.Size and rest.numel() == 3 and longer.numel() == 24
    assert repr(x.shape) == "trustformers.tensor.Size([2, 3])"
    rows, cols = x.shape
    assert (rows, cols, x.nelement(), x.stride(), x.stride(0)) == (2, 3, 6, (3, 1), 3)
    assert x.is_cpu and not x.is_cuda and not x.is_complex()
    array = np.arange(6.0)
    assert Tensor(array).data_ptr() == array.ctypes.data


def test_data_has_the_elements_without_the_graph() -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert not x.data.requires_grad and x.data.data_ptr() == x.data_ptr()
    x.data -= 0.5
    x.data.mul_(2)
    x.data[0] = 7.0
    assert x.tolist() == [7.0, 3.0] and x.requires_grad and x.is_leaf
    data = x.data
    x.data = Tensor([5.0, 6.0])
    assert data.tolist() == [5.0, 6.0]
    (x * x).sum().backward()
    assert x.grad is not None and x.grad.tolist() == [10.0, 12.0]
    x.data = T.zeros(3)
    assert x.shape == (3,) and x.requires_grad


def test_equality_with_other_objects_is_false() -> None:
    x: Any = Tensor([1.0])
    assert (x == None) is False and (x != None) is True and (x == "a") is False  # noqa: E711
    assert x not in (None, "a")[:0]
    with pytest.raises(TypeError):
        x + [1, 2]
    with pytest.raises(InputError, match="64 bits"):
        x + 2**64
    with pytest.raises(InputError, match="64 bits"):
        Tensor([2**64])


def test_integers_beyond_the_dtype_compare_exactly() -> None:
    top = Tensor([2**63 - 1, -(2**63)])
    assert (top == 2**63).tolist() == [False, False] and (top < 2**63).tolist() == [True, True]
    assert top.__gt__(2**63).tolist() == [False, False] and (top != 2**63).tolist() == [True, True]
    assert (Tensor(np.array([0, 5], np.uint64)) >= -1).tolist() == [True, True]
    assert (Tensor(np.array([0, 255], np.uint8)) < 256).tolist() == [True, True]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32", "uint32", "int64", "uint64"])
def test_shifts_beyond_the_width_shift_all_bits_out(dtype: str) -> None:
    info = np.iinfo(dtype)
    x = np.array([1, 3, info.max, info.min, info.max - 2], dtype)
    for count in (0, 1, info.bits - 1, info.bits, 100):
        counts = np.full_like(x, count)
        assert (Tensor(x) << count).tolist() == (x << counts).tolist(), count
        assert (Tensor(x) >> count).tolist() == (x >> counts).tolist(), count
        assert (Tensor(x) >> Tensor(counts)).tolist() == (x >> counts).tolist(), count


def test_dtypes_print_as_names_that_can_be_imported() -> None:
    assert repr(Tensor([1.0]).dtype) == "trustformers.tensor.float32" and T.float32 is Tensor([1.0]).dtype
    assert Tensor.__module__ == "trustformers"


def test_dtypes_have_the_names_and_limits_of_torch() -> None:
    assert T.zeros(2, dtype=T.long).dtype == "int64" and T.half == np.float16 and T.double is T.float64
    assert T.finfo(T.bfloat16).max == 3.3895313892515355e38 and T.finfo(Tensor([1.0])).eps == 2.0**-23
    assert T.iinfo(T.int).max == 2**31 - 1 and T.get_default_dtype() == "float32"
    assert T.is_tensor(Tensor(1)) and not T.is_tensor(1) and str(T.device("cpu")) == "cpu"


def test_elements_are_replaced_with_random_ones() -> None:
    T.manual_seed(0)
    x = T.zeros(4000)
    x.bernoulli_(0.25)
    assert set(x.unique().tolist()) == {0.0, 1.0} and abs(float(x.mean()) - 0.25) < 0.05
    assert Tensor([0, 3]).argwhere().tolist() == [[1]] and Tensor([1, 9]).clip_(max=5).tolist() == [1, 5]


def test_functions_of_numpy_reduce_tensors() -> None:
    x = Tensor(X)
    for function in (np.sum, np.mean, np.std, np.var, np.max, np.min, np.prod, np.argmax, np.any, np.all):
        same(function(x), function(X), rtol=1e-11)
    same(np.sum(x, axis=1, keepdims=True), X.sum(1, keepdims=True))
    same(np.std(x, axis=1, ddof=1), X.std(1, ddof=1))
    same(np.cumsum(x, axis=1), X.cumsum(1))
    same(np.clip(x, 0, 1), X.clip(0, 1))
    same(np.round(x, 1), X.round(1))
    same(np.transpose(x), X.T)
    same(np.reshape(x, (6, 4)), X.reshape(6, 4))
    same(np.repeat(x, 2, axis=1), X.repeat(2, axis=1))
    same(np.take(x, Tensor([1, 0]), axis=1), X.take([1, 0], axis=1))
    same(np.argsort(x), X.argsort())
    with pytest.raises(TypeError, match="where"):
        np.sum(x, where=X > 0)
    with pytest.raises(TypeError, match="out"):
        x.sum(out=np.zeros(()))  # type: ignore[arg-type]


def test_arrays_that_tensors_cannot_share_are_copied_or_refused() -> None:
    odd = np.array([0, 2, 255], np.uint8).view(np.bool_)
    assert Tensor(odd).int().tolist() == [0, 1, 1] and (Tensor(odd) == True).tolist() == [False, True, True]  # noqa: E712
    masked = np.ma.masked_array([1.0, 2.0], mask=[False, True])
    with pytest.raises(InputError, match="masked"):
        Tensor(masked)
    assert Tensor(np.ma.masked_array([1.0])).tolist() == [1.0]
    array = np.arange(6.0)
    tensor = Tensor(array)
    assert tensor.numpy() is array
    array.shape = (2, 3)
    assert tensor.numpy().shape == (6,) and tensor.shape == (6,)


def test_arguments_of_torch_are_refused_with_a_reason() -> None:
    x = Tensor(X)
    with pytest.raises(InputError, match="rounding_mode"):
        x.div(2, rounding_mode="up")
    with pytest.raises(InputError, match="rank 3"):
        x.bmm(x[0])
    with pytest.raises(UnsupportedError, match="unique"):
        x.unique(dim=0)
    with pytest.raises(InputError, match="order"):
        x.reshape(6, 4, order="F")
    assert x.to(dtype="float32", memory_format=object()).dtype == "float32"
    assert x.clone(memory_format=None).contiguous(memory_format=object()).shape == x.shape


def test_functions_of_torch_are_called_with_what_is_no_tensor_unchanged() -> None:
    kind: Any = Tensor
    answer = kind.__torch_function__(lambda *args, **kwargs: (args, kwargs), (Tensor,), (1, [2, "a"]), {"dim": 0})
    assert answer == ((1, [2, "a"]), {"dim": 0})
    with pytest.raises(InputError, match="out: a Tensor of trustformers"):
        kind.__torch_function__(lambda **_kwargs: None, (Tensor,), (), {"out": Tensor([1])})
