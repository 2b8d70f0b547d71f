"""Measures fresh processes: from their start to the first result, and their peak of memory."""

import json
import math
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from contestants import CHECKPOINT, OURS, PRECISIONS
from machine import version_of
from stored import tensors_of

CHILD = Path(__file__).with_name("first_result.py")


def measure_cold(root: Path, processes: int) -> dict[str, Any]:
    """Medians over processes that take turns: we and torch in float32, and we in each other precision."""
    entrants = [(OURS, precision) for precision in PRECISIONS] + [("torch", "float32")]
    runs: dict[str, list[dict[str, float]]] = {}
    absent: dict[str, str] = {}
    # The first process of each is not counted: it brings the files into memory.
    for number in range(processes + 1):
        for package, precision in entrants:
            name = f"{package} {precision}"
            if name in absent:
                continue
            if version_of(package) is None:
                absent[name] = "not installed"
                continue
            try:
                row = run_process(root, package, precision)
            except subprocess.CalledProcessError as error:
                absent[name] = (error.stderr.strip().splitlines() or [f"exit code {error.returncode}"])[-1]
                continue
            if number > 0:
                runs.setdefault(name, []).append(row)
    results = {name: summarize(rows, weight_bytes(root, name.split()[1])) for name, rows in runs.items()}
    found: dict[str, Any] = {"processes": processes, "absent": absent, "results": results}
    ours, torch = results.get(f"{OURS} float32"), results.get("torch float32")
    if ours and torch:
        found["ours_to_torch"] = round(ours["first_result_s"] / torch["first_result_s"], 3)
    return found


def run_process(root: Path, package: str, precision: str) -> dict[str, float]:
    start = time.monotonic()
    done = subprocess.run([sys.executable, CHILD, package, precision, root], capture_output=True, text=True, check=True)
    row: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    # The clock is one for all processes of a machine.
    return {"first_result_s": row.pop("first_result_at") - start} | row


def summarize(rows: list[dict[str, float]], size: int) -> dict[str, float]:
    medians = {key: round(median(row[key] for row in rows), 3) for key in rows[0]}
    return medians | {"weight_bytes": size, "peak_to_weights": round(medians["peak_rss_bytes"] / size, 3)}


def weight_bytes(root: Path, precision: str) -> int:
    """Bytes of all weights; as int8, matrices of linear layers take one byte a number and everything else four."""
    total = 0
    for file in (root / CHECKPOINT).glob("*.safetensors"):
        tensors, _ = tensors_of(file)
        for name, tensor in tensors.items():
            is_linear = len(tensor["shape"]) == 2 and "embeddings" not in name
            width = {"float32": 4, "bfloat16": 2, "int8": 1 if is_linear else 4}[precision]
            total += math.prod(tensor["shape"]) * width
    return total
