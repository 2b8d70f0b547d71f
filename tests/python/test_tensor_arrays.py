"""Tensors and NumPy arrays share memory, dtypes and shapes."""

import copy
import gc
import pickle
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import Tensor
from trustformers.errors import InputError
from trustformers.tensor import full, ones, zeros

DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"]
DTYPES += ["float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_shares_memory_both_ways(dtype: Any) -> None:
    array = np.array([[0, 1, 0], [1, 1, 0]], dtype)
    tensor = Tensor.from_numpy(array)
    assert tensor.dtype == dtype and tensor.dtype == array.dtype and tensor.shape == (2, 3)
    assert tensor.numpy() is array and np.asarray(tensor) is array
    row = tensor[1]
    assert np.shares_memory(row.numpy(), array)
    assert row.tolist() == array[1].tolist()


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.T,
        lambda a: a[::-1],
        lambda a: a[::2, 1:],
        lambda a: a[:, ::-2],
        lambda a: np.broadcast_to(a[:1], (5, 4)),
        lambda a: a[2:2],
        lambda a: a[1, 2, ...],
        lambda a: np.asfortranarray(a),
        lambda a: a[None, :, None],
    ],
)
def test_strided_arrays_are_used_in_place(view: Any) -> None:
    array = view(np.arange(12.0).reshape(3, 4))
    tensor = Tensor.from_numpy(array)
    assert tensor.numpy() is array
    np.testing.assert_array_equal((tensor + 0).numpy(), array)
    np.testing.assert_array_equal(tensor.sum().numpy(), array.sum())
    if array.size:
        assert np.shares_memory(tensor.reshape(array.shape).numpy(), array)


def test_writes_to_the_array_are_seen_by_the_tensor() -> None:
    array = np.zeros(4, np.float32)
    tensor = Tensor.from_numpy(array)
    array[2] = 7
    assert tensor.tolist() == [0, 0, 7, 0]


def test_assignment_to_a_tensor_leaves_the_array_alone() -> None:
    array = np.zeros(4, np.float32)
    tensor = Tensor.from_numpy(array)
    tensor[1:3] = 5
    assert tensor.tolist() == [0, 5, 5, 0] and not array.any()
    assert tensor.numpy() is not array


def test_an_array_of_a_tensor_is_writable_only_if_nothing_else_uses_the_memory() -> None:
    alone = ones(3)
    array = alone.numpy()
    assert array.flags.writeable and alone.numpy() is array
    array[0] = 9
    assert alone.tolist() == [9, 1, 1]
    shared = ones(3)
    view = shared[1:]
    assert not shared.numpy().flags.writeable
    assert not view.numpy().flags.writeable
    same = ones(3)
    other = +same
    assert not same.numpy().flags.writeable and other.tolist() == [1, 1, 1]


def test_a_view_of_a_read_only_array_is_read_only() -> None:
    array = np.arange(6.0)
    array.flags.writeable = False
    view = Tensor.from_numpy(array)[1:]
    gc.collect()
    assert not view.numpy().flags.writeable


def test_memory_mapped_files_are_used_in_place(tmp_path: Path) -> None:
    path = tmp_path / "numbers.bin"
    np.arange(1000, dtype=np.float32).tofile(path)
    array = np.memmap(path, np.float32, "r")
    tensor = Tensor.from_numpy(array)
    path.unlink()
    assert tensor.numpy() is array
    assert tensor.sum().item() == 499500.0


def test_byte_swapped_and_misaligned_arrays_are_copied() -> None:
    swapped = np.arange(3, dtype=">f4")
    misaligned = np.frombuffer(b"x" + np.arange(3, dtype="<f4").tobytes(), "u1")[1:].view("<f4")
    for array in (swapped, misaligned):
        tensor = Tensor.from_numpy(array)
        assert tensor.tolist() == [0, 1, 2]
        assert not np.shares_memory(tensor.numpy(), array)


@pytest.mark.parametrize(
    ("array", "culprit"),
    [
        (np.zeros(2, complex), "complex"),
        (np.array([object()]), "objects"),
        (np.array(["a"]), "text"),
        (np.array(["2026-11-27"], "datetime64[D]"), "dates"),
        (np.zeros(2, [("a", "f4")]), "astype"),
    ],
)
def test_elements_that_no_tensor_holds_are_named(array: Any, culprit: Any) -> None:
    with pytest.raises(InputError, match=culprit):
        Tensor.from_numpy(array)


def test_memory_lives_as_long_as_either_side() -> None:
    array = np.arange(1000.0)
    alive = weakref.ref(array)
    tensor = Tensor.from_numpy(array)
    del array
    gc.collect()
    assert alive() is not None and tensor.sum().item() == 499500.0
    view = tensor[500:].numpy()
    del tensor
    gc.collect()
    assert alive() is not None and view[0] == 500.0
    del view
    gc.collect()
    assert alive() is None
    exported = ones(1000).numpy()
    gc.collect()
    assert exported.sum() == 1000


def test_conversions_do_not_grow_memory() -> None:
    resource = pytest.importorskip("resource")
    array = np.zeros(1 << 16, np.float32)
    for _ in range(1000):
        Tensor.from_numpy(array)[1:].numpy()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(20_000):
        Tensor.from_numpy(array)[1:].numpy()
        ones(4).numpy()
        ones(4).__dlpack__()
    # In KiB on Linux, in bytes on macOS; one array leaked per step would be 5 GB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 << 10


def test_dlpack_shares_memory_with_numpy() -> None:
    array = np.arange(12, dtype=np.int32).reshape(3, 4).T
    tensor = Tensor.from_dlpack(array)
    assert tensor.tolist() == array.tolist()
    assert np.shares_memory(tensor.numpy(), array)
    back = np.from_dlpack(tensor)
    assert np.shares_memory(back, array) and back.tolist() == array.tolist()
    assert tensor.__dlpack_device__() == (1, 0)
    copied = np.from_dlpack(tensor, copy=True)
    assert not np.shares_memory(copied, array) and copied.tolist() == array.tolist()


def test_lists_and_numbers_get_torch_dtypes() -> None:
    assert Tensor([1.0, 2.0, 3.0], device="cpu").dtype == np.float32
    assert Tensor([[1, 2], [3, 4]]).dtype == np.int64
    assert Tensor([True, False]).dtype == bool
    assert Tensor(3.5).shape == () and Tensor([]).shape == (0,)
    assert Tensor([1, 2.5]).tolist() == [1.0, 2.5]
    assert Tensor([Tensor(1.0), Tensor(2.0)]).tolist() == [1.0, 2.0]
    assert Tensor([np.arange(3), np.arange(3)]).shape == (2, 3)
    assert Tensor([1, 2], dtype="float16").dtype == "float16"
    for bad in ([[1, 2], [3]], [1, [2]], ["a"], [None]):
        with pytest.raises(InputError, match="data"):
            Tensor(bad)
    with pytest.raises(TypeError, match="dict"):
        Tensor({})


def test_copies_and_pickles_have_memory_of_their_own() -> None:
    tensor = Tensor(np.arange(6.0).reshape(2, 3))
    for other in (copy.deepcopy(tensor), pickle.loads(pickle.dumps(tensor)), tensor.clone()):
        assert other.tolist() == tensor.tolist() and other.dtype == "float64"
        assert not np.shares_memory(other.numpy(), tensor.numpy())
    half = ones(3, dtype="bfloat16")
    assert pickle.loads(pickle.dumps(half)).dtype == "bfloat16"
    assert hash(tensor) == hash(tensor) and hash(tensor) != hash(half)


def test_numpy_conversion_follows_dtype_and_copy() -> None:
    tensor = Tensor(np.arange(3.0))
    assert np.array(tensor, np.int32).tolist() == [0, 1, 2]
    assert not np.shares_memory(np.array(tensor, copy=True), tensor.numpy())
    with pytest.raises(ValueError, match="copies"):
        tensor.__array__(np.int32, copy=False)


def test_tensors_print_as_numpy_does() -> None:
    assert repr(Tensor([[1.0, 2.5], [3.0, 4.0]])) == "Tensor([[1. , 2.5],\n        [3. , 4. ]])"
    assert repr(Tensor([1], "int8")) == "Tensor([1], dtype=int8)"
    assert repr(zeros(2, 0)) == "Tensor([], shape=(2, 0), dtype=float32)"
    assert repr(full((2,), 0.5, dtype="bfloat16")) == "Tensor([0.5, 0.5], dtype=bfloat16)"
    assert f"{Tensor(2.5):.2f}" == "2.50"
    assert "Tensor (2,) float32 on cpu" in ones(2)._repr_html_()


def test_threads_compute_at_once() -> None:
    arrays = [np.full((64, 64), index, np.float32) for index in range(8)]
    wrong = []

    def work(array: Any) -> None:
        for _ in range(50):
            tensor = Tensor.from_numpy(array)
            if (tensor @ tensor + 1).sum().item() != (array @ array + 1).sum():
                wrong.append(array[0, 0])

    threads = [threading.Thread(target=work, args=(array,)) for array in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_read_only_memory_is_lent_only_to_those_who_will_not_write(tmp_path: Path) -> None:
    np.arange(6, dtype=np.float32).tofile(tmp_path / "numbers")
    mapped = np.memmap(tmp_path / "numbers", dtype=np.float32, mode="r")
    for tensor in (Tensor(mapped), Tensor(mapped)[2:], Tensor(mapped).reshape(2, 3).T):
        assert tensor._is_read_only()
        with pytest.raises(BufferError, match="the memory is read-only"):
            tensor.__dlpack__()
        assert not np.from_dlpack(tensor).flags.writeable
        assert Tensor.from_dlpack(tensor)._is_read_only()
    assert not Tensor(mapped).clone()._is_read_only()
    del mapped, tensor
    assert not Tensor(np.zeros(6, np.float32))._is_read_only()
