"""Panics become exceptions. Needs the developers' module, which has a function that panics."""

import subprocess
import sys

import pytest

pytest.importorskip("trustformers_stubs", reason="PYTHONPATH does not lead to the developers' module")

PROGRAM = """
import trustformers_stubs as native
from trustformers.errors import InternalError

for attempt in range(3):
    try:
        native.panic_on_request("deliberate " + "x" * attempt)
    except Exception as error:
        assert type(error) is InternalError, type(error)
        print(error)
print(native.resolve_device("cpu"))
"""


def test_a_panic_is_an_exception_and_the_interpreter_continues() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    *errors, last = done.stdout.splitlines()
    assert len(errors) == 3 and last == "cpu"
    for error in errors:
        assert "internal error in trustformers" in error and "deliberate" in error and "runtime.rs" in error
    assert done.stderr == "", "the panic's own text must not appear"
