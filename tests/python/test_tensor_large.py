"""Operations on tensors that are large enough for several threads, and assignment in place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import trustformers.tensor as tf
from numpy.typing import NDArray
from trustformers import Tensor

ROWS, COLS = 301, 402


@pytest.fixture
def matrix() -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal((ROWS, COLS), dtype=np.float32)


def same(found: Tensor, expected: NDArray[Any]) -> None:
    np.testing.assert_array_equal(np.asarray(found), expected)


def test_operands_of_any_strides_equal_numpy(matrix: NDArray[np.float32]) -> None:
    x = tf.asarray(matrix)
    same(x[:, ::2] * x[:, 1::2], matrix[:, ::2] * matrix[:, 1::2])
    same(x[:300:2] + x[1:301:2], matrix[:300:2] + matrix[1:301:2])
    same(x.flip(0) - x, matrix[::-1] - matrix)
    same(x[:, :1] + x[:1], matrix[:, :1] + matrix[:1])
    same(x.T * 2, matrix.T * 2)
    same(x.T / x.T.contiguous(), np.ones((COLS, ROWS), dtype=np.float32))
    same(x[3:, 5:].T > 0.25, matrix[3:, 5:].T > 0.25)


def test_copies_of_transposed_tensors_are_row_major(matrix: NDArray[np.float32]) -> None:
    batch = np.stack([matrix, matrix + 1])
    x = tf.asarray(batch)
    same(x.permute(0, 2, 1).contiguous(), batch.transpose(0, 2, 1))
    same(x.permute(2, 1, 0).reshape(-1), batch.transpose(2, 1, 0).reshape(-1))
    same(x.permute(1, 0, 2).contiguous(), batch.transpose(1, 0, 2))
    same(x[:, 1:, 2:].permute(0, 2, 1).contiguous(), batch[:, 1:, 2:].transpose(0, 2, 1))


def test_extrema_of_large_tensors_propagate_the_first_nan(matrix: NDArray[np.float32]) -> None:
    matrix[200, 7] = matrix[250, 7] = np.nan
    x = tf.asarray(matrix)
    for axis in (0, 1):
        same(x.amax(axis), matrix.max(axis))
        same(x.argmax(axis), matrix.argmax(axis))
        same(x.argmin(axis), matrix.argmin(axis))
    assert int(x.argmax()) == 200 * COLS + 7
    assert np.isnan(x.max().item())
    same(tf.maximum(x, x.flip(0)), np.maximum(matrix, matrix[::-1]))
    assert np.isnan(np.asarray(x.relu())[200, 7])


def test_products_of_views_are_close_to_numpy(matrix: NDArray[np.float32]) -> None:
    x = tf.asarray(matrix)
    for left, right in ((x, x.T), (x.T, x), (x[:3], x.T), (x[:2, :5], x[:5]), (x[:, 1:9], x[1:9])):
        expected = np.asarray(left, dtype=np.float64) @ np.asarray(right, dtype=np.float64)
        np.testing.assert_allclose(np.asarray(left @ right), expected, atol=1e-3)


def test_masks_select_and_assign_as_in_numpy(matrix: NDArray[np.float32]) -> None:
    x = tf.asarray(matrix)
    same(x[x > 0], matrix[matrix > 0])
    same((x > 1).nonzero(), np.argwhere(matrix > 1))
    changed = x + 0
    changed[changed > 0] = 1.5
    same(changed, np.where(matrix > 0, np.float32(1.5), matrix))


def test_assignment_to_a_slice_is_in_place_unless_something_uses_the_elements(matrix: NDArray[np.float32]) -> None:
    x = tf.asarray(matrix) + 0
    address = x.numpy().ctypes.data
    x[3:200, ::2] = 7
    assert x.numpy().ctypes.data == address
    expected = matrix.copy()
    expected[3:200, ::2] = 7
    same(x, expected)
    view, array, whole = x[5], x.numpy(), x + 0
    x[:] = 0
    same(view, expected[5])
    np.testing.assert_array_equal(array, expected)
    assert x.numpy().ctypes.data != address
    whole[1:] = whole[:-1]
    expected[1:] = expected[:-1].copy()
    same(whole, expected)


def test_assignment_never_writes_to_the_memory_of_an_array(matrix: NDArray[np.float32]) -> None:
    before = matrix.copy()
    x = tf.asarray(matrix)
    x[0] = 5
    np.testing.assert_array_equal(matrix, before)
    assert np.asarray(x)[0, 0] == 5
