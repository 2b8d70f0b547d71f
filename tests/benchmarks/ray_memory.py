"""Memory of each further worker with the same model: Ray actors on one host, weights of BERT-base and GPT-2.

`python tests/benchmarks/ray_memory.py build/models --json memory.json` writes the checkpoints that are not there, with
random weights of the real shape, and starts one, two and four actors with a pipeline each. What counts is the
proportional set size (PSS) of /proc/PID/smaps_rollup, which divides a page among the processes that map it; the
resident set size counts shared pages once for each process.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import ray
from machine import describe, version_of
from trustformers import AutoModel, AutoModelForCausalLM, BertConfig, GPT2Config, set_num_threads, set_seed

# The shapes of bert-base-uncased and gpt2: the defaults of their configurations.
MODELS = {"bert-base": (AutoModel, BertConfig), "gpt2": (AutoModelForCausalLM, GPT2Config)}
PRECISIONS = ("float32", "bfloat16")
COUNTS = (1, 2, 4)
KEYS = ("Pss", "Pss_Anon", "Pss_File", "Rss")
IDS = [[*range(100, 228)]]


def make(root: Path) -> None:
    """Writes the checkpoints that are not there, in each precision."""
    for name, (kind, config) in MODELS.items():
        for dtype in PRECISIONS:
            if not (target := root / f"{name}-{dtype}").exists():
                set_seed(0)
                kind.from_config(config()).to(dtype=dtype).save_pretrained(target)


@ray.remote(num_cpus=1)
class Worker:
    """A process with a model, or with nothing but the package."""

    def __init__(self, name: str | None, path: str, dtype: str) -> None:
        set_num_threads(1)
        self.model: Any = None
        if name is not None:
            self.model = MODELS[name][0].from_pretrained(path, dtype=dtype)
            self.model(IDS)

    def memory(self) -> dict[str, float]:
        """The process's memory in MB."""
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
        sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines}
        return {key: round(sizes[key], 1) for key in KEYS}


def totals(count: int, name: str | None, path: Path, dtype: str) -> dict[str, float]:
    """The memory of `count` workers together, while all of them have computed once."""
    workers = [Worker.remote(name, str(path), dtype) for _ in range(count)]
    ray.get([worker.memory.remote() for worker in workers])
    found = ray.get([worker.memory.remote() for worker in workers])
    for worker in workers:
        ray.kill(worker)
    return {key: round(sum(one[key] for one in found), 1) for key in KEYS}


def main() -> None:
    """Prints a table and writes the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    make(args.models)
    ray.init(num_cpus=max(COUNTS), include_dashboard=False, log_to_driver=False)
    cases = [(None, "", "")]
    cases += [(name, stored, dtype) for name in MODELS for stored in PRECISIONS for dtype in PRECISIONS]
    results = []
    print(
        "| model | file | computes in | MB of the file | workers | PSS | anonymous | of files | each further worker |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, stored, dtype in cases:
        path = args.models / f"{name}-{stored}"
        file = round((path / "model.safetensors").stat().st_size / 1e6) if name else 0
        first = None
        for count in COUNTS:
            total = totals(count, name, path, dtype)
            first = first or total
            further = round((total["Pss"] - first["Pss"]) / (count - 1), 1) if count > 1 else None
            results.append(
                {"model": name, "stored": stored, "dtype": dtype, "file": file, "workers": count, **total}
                | {"further": further}
            )
            shown = (total[key] for key in KEYS[:3])
            print("|", " | ".join(map(str, (name, stored, dtype, file, count, *shown, further or ""))), "|", flush=True)
    if args.json:
        args.json.write_text(json.dumps({**describe(), "ray": version_of("ray"), "results": results}, indent=1))


if __name__ == "__main__":
    main()
