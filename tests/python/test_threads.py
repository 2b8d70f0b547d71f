"""The engine's threads: their number, which does not change results."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import AutoModel, AutoTokenizer, PreTrainedModel, get_num_threads, set_num_threads
from trustformers.cli import main
from trustformers.errors import InputError

# Of mixed length, so that batches are padded and the work on them is split unevenly.
TEXTS = [" ".join(["sentence"] * length) for length in (3, 40, 1, 17, 64, 9, 30, 2)]


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = get_num_threads()
    yield
    set_num_threads(before)


@pytest.fixture(scope="module")
def inputs(minilm_path: Path) -> dict[str, Any]:
    return dict(AutoTokenizer.from_pretrained(minilm_path)(TEXTS, padding=True, return_tensors="np"))


@pytest.fixture(scope="module", params=["float32", "bfloat16", "int8"])
def model(minilm_path: Path, request: pytest.FixtureRequest) -> PreTrainedModel:
    if request.param == "int8":
        return AutoModel.from_pretrained(minilm_path, load_in_8bit=True)
    return AutoModel.from_pretrained(minilm_path, dtype=request.param)


def run(program: str, *arguments: str, **environment: str) -> str:
    """The output of a program in a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TRUSTFORMERS_")}
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_number_of_threads_is_the_set_one_up_to_the_cores(capsys: pytest.CaptureFixture[str]) -> None:
    most = int(run("import trustformers; print(trustformers.get_num_threads())"))
    for asked, expected in ((1, 1), (2, min(2, most)), (most, most), (most + 1, most), (10**30, most), (1, 1)):
        set_num_threads(asked)
        assert get_num_threads() == expected
    assert main(["env"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["threads", "1"]


def test_set_num_threads_overrides_the_environment() -> None:
    program = (
        "import trustformers as t; print(t.get_num_threads()); t.set_num_threads(10**6); print(t.get_num_threads())"
    )
    most = run("import trustformers; print(trustformers.get_num_threads())")
    assert run(program, TRUSTFORMERS_NUM_THREADS="1").split() == ["1", most]


@pytest.mark.parametrize("wrong", [0, -1, True, 2.0, "2", None, [1]])
def test_a_number_of_threads_is_an_int_of_at_least_one(wrong: Any) -> None:
    set_num_threads(1)
    with pytest.raises(InputError, match="num_threads: expected an int of at least 1"):
        set_num_threads(wrong)
    assert get_num_threads() == 1


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [("TRUSTFORMERS_ISA", "avx1024"), ("TRUSTFORMERS_NUM_THREADS", "two"), ("TRUSTFORMERS_NUM_THREADS", "0")],
)
def test_an_invalid_environment_variable_is_refused(minilm_path: Path, variable: str, wrong: str) -> None:
    program = (
        "import sys, trustformers as t\n"
        "try: t.AutoModel.from_pretrained(sys.argv[1])\n"
        "except t.errors.InputError as error: print(error)"
    )
    assert run(program, str(minilm_path), **{variable: wrong}).startswith(f'{variable}: "{wrong}" is no')


def test_setting_threads_loads_nothing_but_the_engine() -> None:
    program = """
import sys, trustformers
trustformers.set_num_threads(1)
print([name for name in ("numpy", "trustformers.models.base", "trustformers.tokenizers.fast") if name in sys.modules])
"""
    assert run(program) == "[]"


def test_the_number_of_threads_does_not_change_the_result(model: PreTrainedModel, inputs: dict[str, Any]) -> None:
    found = []
    for threads in (1, 2, 1):
        set_num_threads(threads)
        found.append(model(**inputs).last_hidden_state)
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_concurrent_calls_equal_single_calls(model: PreTrainedModel, inputs: dict[str, Any]) -> None:
    set_num_threads(2)
    batches = [{name: ids[start : start + 3] for name, ids in inputs.items()} for start in range(6)]
    alone = [model(**batch).last_hidden_state for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda batch: model(**batch).last_hidden_state, batches * 3))
    for index, found in enumerate(together):
        np.testing.assert_array_equal(found, alone[index % len(batches)])


def test_threads_can_be_set_while_others_compute(model: PreTrainedModel, inputs: dict[str, Any]) -> None:
    expected = model(**inputs).last_hidden_state
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(lambda: model(**inputs).last_hidden_state) for _ in range(4)]
        for turn in range(40):
            set_num_threads(1 + turn % 2)
            assert model([[101, 102]]).last_hidden_state.shape == (1, 2, 384)
        for future in running:
            np.testing.assert_array_equal(future.result(), expected)


FORK = """
import os, signal, sys
import numpy as np
from trustformers import AutoModel, set_num_threads

path, threads, in_8_bits = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "int8"
set_num_threads(threads)
model = AutoModel.from_pretrained(path, load_in_8bit=in_8_bits)
ids = np.arange(1000, 1000 + 8 * 64).reshape(8, 64)
expected = model(ids).last_hidden_state
child = os.fork()
if child == 0:
    signal.alarm(60)  # the signal ends a child that waits for threads that it does not have
    status = 1
    try:
        equal = [np.array_equal(model(ids).last_hidden_state, expected)]
        set_num_threads(3 - threads)
        equal.append(np.array_equal(model(ids).last_hidden_state, expected))
        status = 0 if all(equal) else 2
    finally:
        os._exit(status)
assert np.array_equal(model(ids).last_hidden_state, expected)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
@pytest.mark.parametrize("precision", ["float32", "int8"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_fork_after_a_forward_computes_the_same(minilm_path: Path, threads: int, precision: str) -> None:
    assert run(FORK, str(minilm_path), str(threads), precision) == "0"
