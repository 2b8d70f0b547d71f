"""The package around the models: import, devices, command line, errors, forks."""

import json
import multiprocessing
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import trustformers
from trustformers import AutoModel, Device, _backend, errors
from trustformers.cli import main
from trustformers.errors import TrustformersError, UnsupportedError


def test_importing_loads_neither_numpy_nor_the_engine() -> None:
    code = "import sys, trustformers; print([m for m in ('numpy', 'trustformers_cpu._native') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_every_public_name_loads() -> None:
    for name in trustformers.__all__:
        assert getattr(trustformers, name) is not None
    assert set(trustformers.__all__) <= set(dir(trustformers))
    with pytest.raises(AttributeError, match="AutoModle"):
        _ = trustformers.AutoModle


def test_devices_compare_hash_print_and_pickle() -> None:
    assert Device("cpu") == Device.cpu() == Device(Device.cpu()) == Device.auto()
    assert Device.cpu() != "cpu"
    assert len({Device.cpu(), Device("cpu")}) == 1
    assert (str(Device.cpu()), repr(Device.cpu())) == ("cpu", "Device('cpu')")
    assert (Device.cpu().type, Device.cpu().index) == ("cpu", None)
    assert pickle.loads(pickle.dumps(Device.cpu())) == Device.cpu()


def test_a_strict_backend_that_is_not_installed_is_an_error() -> None:
    with pytest.raises(UnsupportedError, match=r"TRUSTFORMERS_BACKEND=cuda.*trustformers\[cuda\]"):
        _backend.load({"cpu": "trustformers_cpu._native"}, "cuda")
    with pytest.raises(UnsupportedError, match="no native engine"):
        _backend.load({}, None)


def test_versions_of_package_and_engine_must_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_backend, "__version__", "9.9.9")
    with pytest.raises(UnsupportedError, match=r"9\.9\.9.*pip install"):
        _backend.load(_backend.installed(), None)


def test_the_installed_backends_are_looked_for_once() -> None:
    code = """
from trustformers import _backend
calls, installed = [], _backend.installed
_backend.installed = lambda: calls.append(1) or installed()
_backend.native.model_types, _backend.native.environment, _backend.native.Model
print(len(calls))
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "1"


def test_env_prints_versions_backends_features_and_threads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env"]) == 0
    out = capsys.readouterr().out
    for part in (trustformers.__version__, "trustformers-cpu", "cpu features in use", "threads"):
        assert part in out


def test_embed_prints_a_table_or_json(minilm_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["embed", "--model", str(minilm_path), "A cat sits.", "A feline sits."]
    assert main(arguments) == 0
    table = capsys.readouterr().out
    assert "A feline sits." in table and "ms per sentence" in table
    assert main([*arguments, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert np.array(result["embeddings"]).shape == (2, 384)
    assert result["similarity"][0][1] == pytest.approx(np.dot(*result["embeddings"]), abs=1e-6)
    assert f"{result['similarity'][0][1]:.2f}" in table


def test_errors_of_the_command_go_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["embed", "--model", str(tmp_path / "absent"), "text"]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and "absent" in captured.err and "Traceback" not in captured.err


def test_the_command_is_installed() -> None:
    command = Path(sys.executable).parent / "trustformers"
    assert subprocess.check_output([command, "--version"], text=True).split()[1] == trustformers.__version__


def test_every_error_has_a_code_and_a_builtin_base() -> None:
    builtin = (ValueError, OSError, MemoryError, NotImplementedError, RuntimeError)
    for cls in TrustformersError.__subclasses__():
        assert issubclass(cls, builtin) and cls.code != TrustformersError.code
        assert type(errors.from_code(cls.code, "text")) is cls


def _forward_in_child(path: Path, queue: "multiprocessing.Queue[list[float]]") -> None:
    queue.put(AutoModel.from_pretrained(path)([[1, 2, 3]]).last_hidden_state.ravel().tolist())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_forked_process_computes(bert_golden: Path) -> None:
    expected = AutoModel.from_pretrained(bert_golden)([[1, 2, 3]]).last_hidden_state.ravel().tolist()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_forward_in_child, args=(bert_golden, queue))
    child.start()
    try:
        assert queue.get(timeout=60) == expected
    finally:
        child.kill()
        child.join()


def test_threads_share_a_model(bert_golden: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    model = AutoModel.from_pretrained(bert_golden)
    inputs = [[[i, i + 1, i + 2]] for i in range(1, 41)]
    expected = [model(ids).last_hidden_state for ids in inputs]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda ids: model(ids).last_hidden_state, inputs))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_threads_run_while_the_engine_works(minilm_path: Path) -> None:
    import threading

    model = AutoModel.from_pretrained(minilm_path)
    ids = np.ones((16, 256), np.int64)
    ticks, done = 0, threading.Event()

    def count() -> None:
        nonlocal ticks
        while not done.wait(0.001):
            ticks += 1

    ticker = threading.Thread(target=count)
    ticker.start()
    try:
        before = ticks
        model(ids)
        during = ticks - before
    finally:
        done.set()
        ticker.join()
    assert during > 3
