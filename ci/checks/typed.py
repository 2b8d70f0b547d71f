"""Fails unless type stubs match the native module and every public name has a known type.

Run by an interpreter that has the wheels, mypy and pyright: `make test-types`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import trustformers

BIN = Path(sys.executable).parent
# pyo3 counts __version__ among the module's names; each of the others is compared by itself. Operators of a native
# class take their operand by position only, and Python gives `pow` a third one.
ALLOWED = "trustformers_cpu._native.__all__\ntrustformers_cpu._native.Tensor.__[a-z]+__\n"


def stubtest() -> None:
    """Compares the stub of the native module with the module."""
    stub = Path(trustformers.__file__).parent / "_native.pyi"
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "trustformers_cpu"
        package.mkdir()
        (package / "__init__.pyi").write_text("")
        shutil.copy(stub, package / "_native.pyi")
        allowed = Path(folder) / "allowed.txt"
        allowed.write_text(ALLOWED)
        command = [BIN / "stubtest", "trustformers_cpu._native", "--allowlist", allowed]
        subprocess.run(command, env={**os.environ, "MYPYPATH": folder}, check=True)


def verify_types() -> None:
    """Every public name of the package has a known type."""
    command = [BIN / "pyright", "--verifytypes", "trustformers", "--ignoreexternal", "--outputjson"]
    # pyright looks for packages with the first python on the path.
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    found = json.loads(done.stdout)["typeCompleteness"]
    unknown = [
        f"{symbol['name']}: {', '.join(entry['message'] for entry in symbol['diagnostics'])}"
        for symbol in found["symbols"]
        if symbol["isExported"] and not symbol["isTypeKnown"]
    ]
    print(f"pyright: the types of {found['completenessScore']:.2%} of {len(found['symbols'])} names are known")
    if unknown or found["completenessScore"] < 1:
        sys.exit("\n".join(unknown))


if __name__ == "__main__":
    stubtest()
    verify_types()
