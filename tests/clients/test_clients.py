"""Libraries on transformers, with it and with trustformers in its place. `make test-clients` runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from clients import CLIENTS

HERE = Path(__file__).parent
CALLS = sorted((HERE / "calls").glob("*.py"))
TOLERANCE = 1e-3  # The engine sums in another order, and clients divide by small differences of scores.
OFFLINE = {
    "CUDA_VISIBLE_DEVICES": "",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hub")
    subprocess.run([sys.executable, str(HERE / "checkpoints.py"), str(folder)], check=True, capture_output=True)
    return folder


@cache
def results(library: str, calls: Path, hub: Path) -> dict[str, dict[str, Any]]:
    """The result or the error of each call."""
    command = [sys.executable, str(HERE / "run_calls.py"), library, str(calls)]
    environment = {**os.environ, **OFFLINE, "HF_HUB_CACHE": str(hub)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULTS ")]
    assert lines, done.stderr[-2000:]
    found: dict[str, dict[str, Any]] = json.loads(lines[-1].removeprefix("RESULTS "))
    return found


def equal(one: Any, other: Any) -> bool:
    """Whether results are equal, numbers up to the tolerance."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return [*one] == [*other] and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= TOLERANCE * max(1.0, abs(one))
    return bool(one == other)


@pytest.mark.parametrize("calls", CALLS, ids=lambda path: path.stem)
def test_results_of_a_client_are_those_with_transformers(calls: Path, hub: Path) -> None:
    reference, ours = results("reference", calls, hub), results("ours", calls, hub)
    assert {name: found for name, found in reference.items() if "error" in found} == {}
    different = [name for name in reference if not equal(reference[name], ours[name])]
    assert not different, {name: (reference[name], ours[name]) for name in different}


def test_the_versions_are_those_of_the_table() -> None:
    tested = [client for client in CLIENTS if client.calls]
    assert {client.package: version(client.package) for client in tested} == {
        client.package: client.version for client in tested
    }
    assert {client.calls for client in tested} == {path.stem for path in CALLS}
