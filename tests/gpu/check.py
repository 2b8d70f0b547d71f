"""Checks the installed wheel on a device: goldens against the reference and the cpu, tokens per second, memory.

python tests/gpu/check.py --device cuda:0 --out report      # writes report/check.json and report/check.md

Needs trustformers with the device's wheel, NumPy, and this folder's neighbour `goldens`. Ends with status 1 if a golden
does not agree, and with 2 if there is no such device.
"""

from __future__ import annotations

import argparse
import json
import platform
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import trustformers
from trustformers import (
    AutoModel,
    AutoModelForCausalLM,
    Device,
    GenerationConfig,
    Qwen3Config,
    is_available,
    list_devices,
    set_seed,
    synchronize,
)
from trustformers.errors import TrustformersError

if sys.platform != "win32":
    import resource

GOLDENS = Path(__file__).parent.parent / "goldens"
CASES = ("no_mask", "left_padded", "right_padded", "longest", "single_token")
HEADS = {"base": (AutoModel, "last_hidden_state"), "causal_lm": (AutoModelForCausalLM, "logits")}
NUMPY = {"F32": np.float32, "I64": np.int64, "I32": np.int32, "U8": np.uint8, "BOOL": np.bool_}
# hidden_size, intermediate_size, num_hidden_layers, heads, key and value heads, vocab_size of the measured models.
SIZES = {
    "tiny": (256, 1024, 4, 8, 4, 1000),
    "0.5b": (896, 4864, 24, 14, 2, 151936),
    "8b": (4096, 12288, 36, 32, 8, 151936),
}


def read_safetensors(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """The tensors of a file, without another package."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        first, last = (8 + length + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[first:last], NUMPY[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def compare(directory: Path, device: Device, dtype: str) -> list[dict[str, Any]]:
    """The largest differences of a golden's cases on the device, from the reference and from the cpu."""
    manifest = json.loads((directory / "manifest.json").read_text())
    cases = read_safetensors(directory / "cases.safetensors")
    rows = []
    for head, (loader, output) in HEADS.items():
        names = [case for case in CASES if f"{head}.{case}.{output}" in cases]
        if not names:
            continue
        models = {place: loader.from_pretrained(directory, device=place, dtype=dtype) for place in ("cpu", device)}
        for case in names:
            prefix = f"{head}.{case}."
            keys = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
            inputs = {key: cases[prefix + key] for key in keys if prefix + key in cases}
            seen = inputs.get("attention_mask", np.ones_like(inputs["input_ids"])).astype(bool)
            reference = cases[prefix + output]
            found = {place: np.asarray(models[place](**inputs)[output], np.float32) for place in models}
            rows.append(
                {
                    "golden": directory.name,
                    "case": f"{head}.{case}",
                    "dtype": dtype,
                    "from_reference": float(np.abs(found[device] - reference)[seen].max()),
                    "from_cpu": float(np.abs(found[device] - found["cpu"])[seen].max()),
                    "tolerance": manifest["tolerance"][dtype],
                }
            )
    return rows


def generated(directory: Path, device: Device) -> list[dict[str, Any]]:
    """Whether greedy search on the device chooses the reference's tokens."""
    manifest = json.loads((directory / "manifest.json").read_text())
    case = next((case for case in manifest["cases"] if case["name"] == "greedy"), None)
    if case is None:
        return []
    cases = read_safetensors(directory / "cases.safetensors")
    model = AutoModelForCausalLM.from_pretrained(directory, device=device, dtype="float32")
    expected, ids = cases["generate.greedy.sequences"], cases["generate.greedy.input_ids"]
    mask = cases["generate.greedy.attention_mask"]
    sequences = np.asarray(model.generate(ids, attention_mask=mask, **case["options"]))
    return [
        {"golden": directory.name, "case": "generate.greedy", "same_tokens": bool(np.array_equal(sequences, expected))}
    ]


def measure(size: str, device: Device, dtype: str, new_tokens: int) -> dict[str, Any]:
    """Tokens per second of a random model: a prompt at once, and one by one after it."""
    hidden, intermediate, layers, heads, kv_heads, vocab = SIZES[size]
    config = Qwen3Config(
        hidden_size=hidden,
        intermediate_size=intermediate,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        head_dim=hidden // heads,
        vocab_size=vocab,
        tie_word_embeddings=True,
        eos_token_id=None,
    )
    set_seed(0)
    start = time.perf_counter()
    model = AutoModelForCausalLM.from_config(config, device=device, dtype=dtype)
    synchronize(device)
    made = time.perf_counter() - start
    prompt = np.random.default_rng(0).integers(3, vocab, (1, 128))

    def seconds(count: int) -> float:
        start = time.perf_counter()
        model.generate(prompt, generation_config=GenerationConfig(do_sample=False, max_new_tokens=count))
        return time.perf_counter() - start

    first_call = seconds(new_tokens)
    short, long = min(seconds(1) for _ in range(3)), min(seconds(new_tokens) for _ in range(3))
    return {
        "size": size,
        "dtype": dtype,
        "device": str(device),
        "seconds_to_make": round(made, 3),
        "seconds_of_first_call": round(first_call, 3),
        "prompt_tokens_per_second": round(prompt.size / short, 1),
        "new_tokens_per_second": round((new_tokens - 1) / max(long - short, 1e-9), 1),
        **memory(device),
    }


def memory(device: Device) -> dict[str, float]:
    """Gigabytes: the most of this process, where the system tells it, and what the device's driver says is in use."""
    used = {}
    if sys.platform != "win32":
        unit = 1 if sys.platform == "darwin" else 1024
        used["peak_process_gb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9, 3)
    if device.is_cuda():
        query = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits", f"--id={device.index}"]
        done = subprocess.run(query, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            used["device_in_use_gb"] = round(float(done.stdout) * 2**20 / 1e9, 3)
    return used


def agrees(row: dict[str, Any]) -> bool:
    """Whether a row of the comparison is as it should be."""
    if "error" in row:
        return False
    return row["same_tokens"] if "same_tokens" in row else row["from_reference"] <= row["tolerance"]


def markdown(report: dict[str, Any]) -> str:
    """The report for people."""
    about = report["about"]
    rows = report["goldens"]
    wrong = [row for row in rows if not agrees(row)]
    lines = [
        f"# {about['device']}: {about['name']}",
        "",
        f"trustformers {about['trustformers']} ({about['backends']}), Python {about['python']}, {about['system']}.",
        "",
        f"Goldens: {len(rows) - len(wrong)} of {len(rows)} agree, in {about['seconds']} s.",
        "",
        "| golden | cases | largest difference from the reference | from the cpu | tolerance | agree |",
        "|---|---|---|---|---|---|",
    ]
    for name in dict.fromkeys(row["golden"] for row in rows):
        of = [row for row in rows if row["golden"] == name]
        numbers = [row for row in of if "from_reference" in row]
        worst = [
            f"{max(row[key] for row in numbers):.1e}" if numbers else "-" for key in ("from_reference", "from_cpu")
        ]
        tolerance = max((row["tolerance"] for row in numbers), default="-")
        verdict = "yes" if all(map(agrees, of)) else "**no**"
        lines.append(f"| {name} | {len(of)} | {worst[0]} | {worst[1]} | {tolerance} | {verdict} |")
    lines += ["", *(f"- {row['golden']} {row['case']}: {row.get('error', row)}" for row in wrong)]
    if report["speed"]:
        keys = list(report["speed"][0])
        lines += ["", "| " + " | ".join(keys) + " |", "|---" * len(keys) + "|"]
        lines += ["| " + " | ".join(str(row.get(key, "-")) for key in keys) + " |" for row in report["speed"]]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Runs the checks that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--out", type=Path, default=Path("report"))
    parser.add_argument("--goldens", nargs="*", metavar="NAME", help="only these, such as llama; all by default")
    parser.add_argument("--dtypes", nargs="*", default=["float32"], choices=["float32", "bfloat16"])
    parser.add_argument("--sizes", nargs="*", default=["tiny"], choices=SIZES, help="models whose speed is measured")
    parser.add_argument("--speed-dtype", default="float32")
    parser.add_argument("--new-tokens", type=int, default=64)
    arguments = parser.parse_args()
    try:
        device = Device(arguments.device)
    except TrustformersError as error:
        print(f"{arguments.device}: {error}", file=sys.stderr)
        return 2
    start = time.perf_counter()
    goldens: list[dict[str, Any]] = []
    for directory in sorted(path.parent for path in GOLDENS.glob("*coders/*/manifest.json")):
        if arguments.goldens and directory.name not in arguments.goldens:
            continue
        calls = [("outputs", lambda d=directory, t=dtype: compare(d, device, t)) for dtype in arguments.dtypes]
        calls.append(("generate.greedy", lambda d=directory: generated(d, device)))
        for case, call in calls:
            try:
                goldens += call()
            except TrustformersError as error:
                goldens.append({"golden": directory.name, "case": case, "error": str(error)})
        right = all(agrees(row) for row in goldens if row["golden"] == directory.name)
        print(f"{directory.name}: {'agrees' if right else 'see the report'}", flush=True)
    seconds = round(time.perf_counter() - start, 1)
    speed = [measure(size, device, arguments.speed_dtype, arguments.new_tokens) for size in arguments.sizes]
    found = next(info for info in list_devices() if info.device == device)
    about = {
        "device": str(device),
        "name": found.name,
        "memory_bytes": found.memory_bytes,
        "trustformers": trustformers.__version__,
        "backends": ", ".join(kind for kind in ("cpu", "cuda", "rocm", "metal") if is_available(kind)),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "seconds": seconds,
    }
    report = {"about": about, "goldens": goldens, "speed": speed}
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "check.json").write_text(json.dumps(report, indent=1) + "\n")
    (arguments.out / "check.md").write_text(markdown(report))
    print(markdown(report))
    return 0 if goldens and all(map(agrees, goldens)) else 1


if __name__ == "__main__":
    sys.exit(main())
