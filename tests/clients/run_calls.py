"""Runs the calls of one client with transformers or with trustformers in its place, and prints their results as JSON:
`python run_calls.py reference|ours calls/CLIENT.py`.
"""

from __future__ import annotations

import importlib
import json
import runpy
import sys
import traceback
import warnings
from typing import Any


def plain(value: Any) -> Any:
    """Arrays and tensors as lists, and other numbers as Python's."""
    return value.tolist() if hasattr(value, "tolist") else str(value)


def main(library: str, path: str) -> None:
    """Runs the public functions of a file."""
    warnings.simplefilter("ignore")
    if library == "ours":
        importlib.import_module("trustformers.alias")
    results = {}
    for name, call in runpy.run_path(path).items():
        if getattr(call, "__code__", None) is None or call.__code__.co_filename != path or name.startswith("_"):
            continue
        try:
            results[name] = {"result": call()}
        except Exception as error:
            traceback.print_exc()
            results[name] = {"error": f"{type(error).__name__}: {error}"}
    print("RESULTS " + json.dumps(results, default=plain))


if __name__ == "__main__":
    main(*sys.argv[1:])
