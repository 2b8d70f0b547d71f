"""Memory that tensors share: who keeps it alive, and that nothing is kept for longer."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import Tensor
from trustformers.tensor import ones


class Array(np.ndarray[Any, np.dtype[Any]]):
    """An array that can be watched while it dies."""


def resident() -> int:
    """Resident memory in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_hundred_thousand_conversions_do_not_grow_memory() -> None:
    array = np.zeros(1 << 14, np.float32)

    def convert(times: int) -> None:
        for _ in range(times):
            tensor = Tensor.from_numpy(array)
            tensor.numpy()
            tensor[1:].numpy()
            Tensor(array, dtype="float16").numpy()

    convert(2000)
    before = resident()
    convert(100_000)
    # One array leaked in a thousand conversions would be 6 MB.
    assert resident() - before < 4 << 20


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_training_steps_do_not_grow_memory() -> None:
    weight = Tensor(np.ones((32, 32), np.float32), requires_grad=True)

    def train(steps: int) -> None:
        for _ in range(steps):
            ((weight @ weight).tanh().sum() + (weight * weight).mean()).backward()
            weight.grad = None

    train(200)
    before = resident()
    train(5000)
    assert resident() - before < 4 << 20


def test_a_capsule_that_nobody_takes_frees_its_memory() -> None:
    array = np.arange(6.0).view(Array)
    alive = weakref.ref(array)
    capsules = [Tensor.from_numpy(array).__dlpack__() for _ in range(3)]
    capsules += [Tensor.from_numpy(array).__dlpack__(max_version=(1, 0)) for _ in range(3)]
    del array
    gc.collect()
    assert alive() is not None
    del capsules
    gc.collect()
    assert alive() is None


def test_a_graph_frees_its_tensors_with_its_result() -> None:
    array = np.arange(6.0).view(Array)
    alive = weakref.ref(array)
    leaf = Tensor([1.0] * 6, dtype="float64", requires_grad=True)
    result = (leaf * Tensor(array)).exp().sum()
    del array
    gc.collect()
    assert alive() is not None
    result.backward()
    gc.collect()
    assert alive() is None
    assert result.requires_grad


def test_a_deleted_file_stays_mapped(tmp_path: Path) -> None:
    path = tmp_path / "numbers"
    np.arange(1000, dtype=np.float64).tofile(path)
    tensor = Tensor.from_numpy(np.memmap(path, np.float64, "r"))
    view = tensor[::-2]
    path.unlink()
    del tensor
    gc.collect()
    assert view[0].item() == 999.0 and view.sum().item() == sum(range(1, 1000, 2))


def test_threads_convert_one_array_at_once() -> None:
    array = np.arange(4096, dtype=np.float32).reshape(64, 64)
    wrong: list[object] = []

    def work() -> None:
        try:
            for _ in range(300):
                tensor = Tensor.from_numpy(array.T)
                back = np.from_dlpack(tensor[::2])
                if back[3, 5] != array[5, 6] or not np.shares_memory(back, array):
                    wrong.append(back)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_development_mode_of_python_finds_nothing() -> None:
    script = """
import gc, numpy as np
from trustformers import Tensor
array = np.arange(12.0).reshape(3, 4)
leaf = Tensor(array[::-1, ::2], requires_grad=True)
(leaf @ leaf.T).softmax(-1).sum().backward()
for _ in range(100):
    np.from_dlpack(Tensor(array)); Tensor(array).numpy(); Tensor(array).__dlpack__()
    Tensor.from_dlpack(array)[1:, None].tolist()
del leaf; gc.collect()
print("done")
"""
    environment = os.environ | {"PYTHONDEVMODE": "1", "PYTHONWARNINGS": "error"}
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (0, "done\n", "")


def test_empty_and_single_elements_are_kept_alive() -> None:
    for shape in ((0, 3), (), (1, 1)):
        array = np.ones(shape).view(Array)
        tensor = Tensor.from_numpy(array)
        alive = weakref.ref(array)
        del array
        gc.collect()
        assert tensor.tolist() == ones(*shape).tolist()
        del tensor
        gc.collect()
        assert alive() is None
