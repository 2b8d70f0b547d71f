"""Safetensors files: tensors and the package `safetensors` read and write the same bytes."""

import contextlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from trustformers import Tensor
from trustformers.errors import InputError, IoError, UnsupportedError, WeightsError
from trustformers.safetensors import load, load_file, safe_open, save, save_file
from trustformers.tensor import arange, ones, zeros

DTYPES = ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"]
DTYPES += ["float16", "float32", "float64"]


def arrays() -> dict[str, Any]:
    numbers = np.arange(6).reshape(2, 3) % 2
    return {dtype: numbers.astype(dtype) for dtype in DTYPES}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with matrices of several dtypes, a scalar and an empty tensor, written by the package."""
    path = tmp_path / "model.safetensors"
    named = arrays() | {"scalar": np.array(2.5, np.float32), "empty": np.zeros((0, 3), np.int8)}
    safetensors.numpy.save_file(named, path, {"format": "pt"})
    return path


def header(path: Path) -> tuple[int, dict[str, Any]]:
    """The position of the data and the header of a file."""
    raw = path.read_bytes()
    size = int.from_bytes(raw[:8], "little")
    return 8 + size, json.loads(raw[8 : 8 + size])


def raw_file(path: Path, entries: dict[str, Any], data: bytes) -> Path:
    """A file with a hand-written header."""
    text = json.dumps(entries).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def test_files_have_the_bytes_of_the_package(file: Path, tmp_path: Path) -> None:
    tensors = load_file(file)
    own = tmp_path / "own.safetensors"
    save_file(tensors, own, {"format": "pt"})
    assert own.read_bytes() == file.read_bytes()
    assert save(tensors, {"format": "pt"}) == file.read_bytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_package_reads_every_dtype_that_tensors_write(dtype: str, tmp_path: Path) -> None:
    array = arrays()[dtype]
    path = tmp_path / "one.safetensors"
    save_file({"x": Tensor(array)}, path)
    found = safetensors.numpy.load_file(path)["x"]
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)
    again = load_file(path)["x"]
    assert again.dtype == dtype and again.tolist() == array.tolist()


def test_bfloat16_is_saved_without_conversion(tmp_path: Path) -> None:
    tensor = Tensor([1.5, -2.0, 3.25]).bfloat16()
    path = tmp_path / "x.safetensors"
    save_file({"x": tensor}, path)
    assert header(path)[1]["x"]["dtype"] == "BF16"
    found = load_file(path)["x"]
    assert found.dtype == "bfloat16" and found.tolist() == [1.5, -2.0, 3.25]


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.T,
        lambda x: x[::-1],
        lambda x: x[:, ::2],
        lambda x: x[1:],
        lambda x: x[:2],
        lambda x: x[:1].expand(4, 4) if isinstance(x, Tensor) else np.broadcast_to(x[:1], (4, 4)),
        lambda x: x[2:2],
        lambda x: x[1, 2],
    ],
)
def test_views_are_saved_in_row_major_order(view: Any, tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    expected = np.ascontiguousarray(view(array)).reshape(view(array).shape)
    path = tmp_path / "x.safetensors"
    save_file({"tensor": view(Tensor(array)), "array": view(array)[...]}, path)
    found = safetensors.numpy.load_file(path)
    np.testing.assert_array_equal(found["tensor"], expected)
    np.testing.assert_array_equal(found["array"], expected)


@pytest.mark.skipif(os.name == "nt", reason="pages of Unix")
def test_loaded_tensors_share_the_mapped_file(minilm_path: Path) -> None:
    path = minilm_path / "model.safetensors"
    tensors = load_file(path)
    start = header(path)[0]
    with safe_open(path) as file:
        names = file.offset_keys()
        first, second = (file.get_tensor(name) for name in names[:2])
    addresses = [tensor.numpy().ctypes.data for tensor in tensors.values()]
    assert max(addresses) - min(addresses) < path.stat().st_size
    assert (min(addresses) - start) % os.sysconf("SC_PAGESIZE") == 0
    assert not first.numpy().flags.writeable
    assert second.numpy().ctypes.data - first.numpy().ctypes.data == first.nbytes
    del tensors
    np.testing.assert_array_equal(first.numpy(), safetensors.numpy.load_file(path)[names[0]])


def test_a_real_checkpoint_equals_the_packages_reading(minilm_path: Path) -> None:
    path = minilm_path / "model.safetensors"
    reference = safetensors.numpy.load_file(path)
    tensors = load_file(path)
    assert tensors.keys() == reference.keys()
    for name, array in reference.items():
        np.testing.assert_array_equal(tensors[name].numpy(), array)


def test_misaligned_tensors_are_copied(tmp_path: Path) -> None:
    entries = {
        "flag": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
        "x": {"dtype": "F32", "shape": [2], "data_offsets": [1, 9]},
    }
    path = raw_file(tmp_path / "x.safetensors", entries, b"\x07" + np.array([1.5, 2.5], np.float32).tobytes())
    tensors = load_file(path)
    assert tensors["flag"].tolist() == [7] and tensors["x"].tolist() == [1.5, 2.5]


def test_booleans_of_other_bytes_are_true(tmp_path: Path) -> None:
    entries = {"x": {"dtype": "BOOL", "shape": [3], "data_offsets": [0, 3]}}
    path = raw_file(tmp_path / "x.safetensors", entries, b"\x00\x02\xff")
    found = load_file(path)["x"]
    assert found.tolist() == [False, True, True] and found.numpy().view(np.uint8).tolist() == [0, 1, 1]


def test_saving_over_a_loaded_file_leaves_its_tensors_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    save_file({"x": arange(100_000)}, path)
    before = load_file(path)
    save_file({"x": before["x"] + 1}, path)
    save_file(load_file(path), path)
    assert before["x"][-1].item() == 99_999 and load_file(path)["x"][0].item() == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.safetensors"]


@pytest.mark.skipif(os.name == "nt", reason="permissions of Unix")
def test_a_saved_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    path = tmp_path / "x.safetensors"
    save_file({"x": ones(1)}, path)
    assert path.stat().st_mode == plain.stat().st_mode
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    save_file({"x": ones(2)}, path)
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR


def test_a_failed_save_leaves_the_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "x.safetensors"
    with pytest.raises(IoError, match=r"x\.safetensors"):
        save_file({"x": ones(1)}, path)
    with pytest.raises(IoError):
        save_file({"x": ones(1)}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_open_file_lists_names_metadata_shapes_and_dtypes(file: Path) -> None:
    with safe_open(file, framework="np") as found, safetensors.safe_open(file, "np") as reference:
        assert found.keys() == reference.keys()
        assert found.offset_keys() == reference.offset_keys()
        assert found.metadata() == {"format": "pt"}
        for name in reference.offset_keys():
            assert found.get_slice(name).get_shape() == reference.get_slice(name).get_shape()
            assert found.get_slice(name).get_dtype() == reference.get_slice(name).get_dtype()
            array = found.get_tensor(name)
            assert array.dtype == reference.get_tensor(name).dtype and array.flags.writeable
            np.testing.assert_array_equal(array, reference.get_tensor(name))
    assert load(save({})) == {}


def test_a_file_without_metadata_has_none(tmp_path: Path) -> None:
    save_file({"x": ones(1)}, tmp_path / "x.safetensors")
    with safe_open(tmp_path / "x.safetensors") as file:
        assert file.metadata() is None


def test_a_closed_file_raises_and_its_tensors_stay(file: Path) -> None:
    with safe_open(file) as found:
        tensor = found.get_tensor("float32")
        part = found.get_slice("float32")
    for read in (found.keys, found.offset_keys, found.metadata, lambda: found.get_tensor("int8"), lambda: part[0]):
        with pytest.raises(InputError, match=r"model\.safetensors is closed"):
            read()
    assert tensor.tolist() == [[0, 1, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    "index",
    [
        0,
        -1,
        slice(0, 2),
        slice(None, None, 2),
        (slice(None), slice(1, 3)),
        ...,
        (1, ...),
        (..., 0),
        (0, 0),
        (slice(2, 2)),
    ],
)
def test_slices_select_as_the_package_does(index: Any, tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    path = tmp_path / "x.safetensors"
    save_file({"x": array}, path)
    with safe_open(path, framework="np") as file:
        np.testing.assert_array_equal(file.get_slice("x")[index], array[index])
    with safe_open(path) as file:
        found = file.get_slice("x")[index]
        assert isinstance(found, Tensor) and found.tolist() == array[index].tolist()


@pytest.mark.parametrize("index", [slice(-2, None), slice(None, None, -1), [0, 2], None])
def test_slices_select_as_numpy_does_where_the_package_cannot(index: Any, tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    save_file({"x": array}, tmp_path / "x.safetensors")
    with safe_open(tmp_path / "x.safetensors", framework="numpy") as file:
        np.testing.assert_array_equal(file.get_slice("x")[index], array[index])


def test_a_slice_reads_only_its_pages(tmp_path: Path) -> None:
    rows, width = 4096, 4096
    path = tmp_path / "large.safetensors"
    entries = {"x": {"dtype": "F32", "shape": [rows, width], "data_offsets": [0, rows * width * 4]}}
    raw_file(path, entries, b"")
    start = path.stat().st_size
    os.truncate(path, start + rows * width * 4)
    with safe_open(path) as file:
        before = _resident()
        assert file.get_slice("x")[10:12, :5].sum().item() == 0
        assert _resident() - before < 1 << 20


def _resident() -> int:
    if not Path("/proc/self/statm").exists():
        pytest.skip("the system does not tell the resident pages of files")
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_indices_beyond_the_shape_raise(file: Path) -> None:
    with safe_open(file) as found:
        with pytest.raises(IndexError):
            found.get_slice("float32")[2]
        with pytest.raises(IndexError):
            found.get_slice("float32")[0, 0, 0]


def test_unknown_names_raise_with_file_and_name(file: Path) -> None:
    with safe_open(file) as found:
        for read in (found.get_tensor, found.get_slice):
            with pytest.raises(InputError, match=r'model\.safetensors has no tensor "absent"'):
                read("absent")
        with pytest.raises(InputError, match="expected a str, found int"):
            found.get_tensor(3)  # type: ignore[arg-type]


def test_missing_files_and_unknown_frameworks_raise(file: Path, tmp_path: Path) -> None:
    with pytest.raises(IoError, match=r"none\.safetensors"):
        load_file(tmp_path / "none.safetensors")
    with pytest.raises(OSError):
        safe_open(tmp_path)
    for framework in ("tf", "", None):
        with pytest.raises(InputError, match="framework: expected one of tf_rs, np"):
            safe_open(file, framework)  # type: ignore[arg-type]
    for path in (3, None):
        with pytest.raises(InputError, match="filename: expected a str or a path"):
            load_file(path)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        load_file(file, device="quantum")


@pytest.mark.parametrize("size", [0, 3, 8, 100, 700])
def test_truncated_files_raise_with_their_name(size: int, file: Path) -> None:
    os.truncate(file, size)
    with pytest.raises(WeightsError, match=r"model\.safetensors: damaged safetensors file"):
        load_file(file)
    with pytest.raises(WeightsError, match="data: damaged safetensors file"):
        load(file.read_bytes())


@pytest.mark.parametrize(
    ("entries", "data"),
    [
        ([], b""),
        ({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}, b"1234"),
        ({"x": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, b"12345678"),
        ({"x": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}, b"1234"),
        ({"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, b"1234"),
        ({"x": {"dtype": "F99", "shape": [1], "data_offsets": [0, 4]}}, b"1234"),
        ({"x": {"dtype": "F64", "shape": [2**40, 2**40], "data_offsets": [0, 4]}}, b"1234"),
        ({"__metadata__": {"a": 1}}, b""),
    ],
)
def test_invalid_headers_raise(entries: Any, data: bytes, tmp_path: Path) -> None:
    path = raw_file(tmp_path / "x.safetensors", entries, data)
    with pytest.raises(WeightsError, match=r"x\.safetensors: damaged safetensors file"):
        load_file(path)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_bytes_raise_no_other_error(data: Any) -> None:
    raw = bytearray(save({"a": arange(3), "b": zeros((2, 2)).bfloat16(), "c": Tensor([True])}, {"k": "v"}))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InputError, WeightsError, UnsupportedError):
        load(bytes(raw[: data.draw(st.integers(0, len(raw)))]))


def test_dtypes_that_tensors_lack_are_listed_and_raise_with_their_name(tmp_path: Path) -> None:
    entries = {
        "scale": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        "small": {"dtype": "F8_E4M3", "shape": [2, 2], "data_offsets": [4, 8]},
    }
    path = raw_file(tmp_path / "x.safetensors", entries, bytes(8))
    with safe_open(path) as file:
        assert file.get_slice("small").get_dtype() == "F8_E4M3" and file.get_slice("small").get_shape() == [2, 2]
        assert file.get_tensor("scale").tolist() == [0]
        with pytest.raises(UnsupportedError, match=r'x\.safetensors: tensor "small" is F8_E4M3'):
            file.get_tensor("small")


@pytest.mark.parametrize(
    ("tensors", "metadata", "message"),
    [
        ({"x": 3}, None, '"x" is a int, expected a Tensor or an array'),
        ({"x": [1.0]}, None, '"x" is a list'),
        ({"x": np.array(["a"])}, None, '"x": .*text'),
        ({"x": np.array([1j])}, None, '"x": .*complex'),
        ({3: np.zeros(1)}, None, "a key is a int, expected a str"),
        ([1], None, "tensors: expected a dict, found list"),
        ({"x": np.zeros(1)}, {"a": 1}, 'metadata "a" is a int'),
        ({"x": np.zeros(1)}, ["a"], "metadata: expected a dict"),
        ({"__metadata__": np.zeros(1)}, None, '"__metadata__" is reserved'),
    ],
)
def test_wrong_types_raise_with_the_key(tensors: Any, metadata: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        save(tensors, metadata)
    with pytest.raises(InputError, match=message):
        save_file(tensors, tmp_path / "x.safetensors", metadata)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="data: expected bytes"):
        load("text")  # type: ignore[arg-type]


def test_names_and_metadata_of_any_text_survive(tmp_path: Path) -> None:
    name, path = 'quote " backslash \\ line\n umlaut ä 語', tmp_path / "ä b.safetensors"
    save_file({name: ones(1), "": zeros(1)}, str(path), {name: name})
    with safe_open(path) as file:
        assert file.keys() == ["", name] and file.metadata() == {name: name}
    with safetensors.safe_open(path, "np") as reference:
        assert set(reference.keys()) == {"", name}


def test_torch_tensors_share_the_mapped_file_and_never_write_to_it(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "x.safetensors"
    with pytest.raises(InputError, match='"w": .*gradient'):
        save_file({"w": torch.ones(2, requires_grad=True)}, path)
    save_file({"x": torch.arange(6, dtype=torch.bfloat16).reshape(2, 3).T}, path)
    with safe_open(path, framework="pt") as file:
        found = file.get_tensor("x")
        assert found.dtype == torch.bfloat16 and found.tolist() == [[0, 3], [1, 4], [2, 5]]
        found += 1
        assert file.get_slice("x")[0].tolist() == [1, 4]
    assert load_file(path)["x"].tolist() == [[0, 3], [1, 4], [2, 5]]
