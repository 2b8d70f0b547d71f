"""Seconds of training steps in one process and in two with half of the batch each, and of their parts.

    python tests/benchmarks/processes.py DIR --json result.json

Both use the same cores. The model has the shape of BERT-base and random weights, which are written into DIR if they are
not there. Two processes are started with `trustformers launch`, which needs the extra `mpi`.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from machine import describe

# A hundred million floats: the gradients of a model of this size.
ELEMENTS = 100_000_000
PIECES_MB = (1, 2, 4, 8, 16, 25, 400)
STEPS = 6
BATCH, SEQ = 16, 128


def main() -> None:
    root = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root.add_argument("dir", type=Path, help="where the model is")
    root.add_argument("--json", type=Path, help="write the result here")
    root.add_argument("--of-rank", choices=["sums", "steps"], help="what a process of the job runs")
    root.add_argument("--shard", action="store_true", help="the processes divide the optimizer's states")
    args = root.parse_args()
    if args.of_rank:
        print("FOUND " + json.dumps(sums() if args.of_rank == "sums" else steps(args.dir, args.shard)), flush=True)
        return
    result: dict[str, Any] = {"machine": describe(), "copy_gb_per_s": copying()}
    result["sums"] = of_job(2, args.dir, "sums")
    for count in (1, 2):
        result[f"processes_{count}"] = of_job(count, args.dir, "steps")
    result["processes_2_shard"] = of_job(2, args.dir, "steps", "--shard")
    print(json.dumps(result, indent=1))
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")


def of_job(count: int, directory: Path, what: str, *options: str) -> Any:
    """What the first process of a job prints."""
    own = [str(Path(__file__).resolve()), str(directory), "--of-rank", what, *options]
    launch = [sys.executable, *(["-m", "trustformers", "launch", "-n", str(count)] if count > 1 else []), *own]
    done = subprocess.run(launch, capture_output=True, text=True, check=False, env=dict(os.environ))
    found = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    if done.returncode or not found:
        raise SystemExit(done.stdout + done.stderr)
    return max((json.loads(line.removeprefix("FOUND ")) for line in found), key=lambda one: one["rank"] == 0)


def copying() -> float:
    """GB/s that one thread copies: bytes of the source."""
    source, target = np.ones(ELEMENTS, np.float32), np.empty(ELEMENTS, np.float32)
    return source.nbytes / best(lambda: np.copyto(target, source)) / 1e9


def sums() -> dict[str, Any]:
    """GB/s of the all-reduce of a large array in pieces of several sizes."""
    from trustformers.distributed.gradients import pieces
    from trustformers.distributed.world import world

    array = np.ones(ELEMENTS, np.float32)
    found: dict[str, Any] = {"rank": world().rank}
    for size in PIECES_MB:

        def reduce(size: int = size) -> None:
            for piece in pieces(array, size * 2**20 // 4):
                world().sum_into(piece)

        array.fill(0)
        found[f"{size} MiB"] = array.nbytes / best(reduce) / 1e9
    return found


def steps(directory: Path, shard: bool) -> dict[str, Any]:
    """Seconds of a step and of its parts, and the peak of memory of this process."""
    import trustformers as tf
    from trustformers.distributed.gradients import average_gradients
    from trustformers.distributed.world import world
    from trustformers.training import AdamW, ZeroRedundancyOptimizer, clip_grad_norm_

    size, rank = world().size, world().rank
    path = directory / "bert-base"
    if rank == 0 and not (path / "model.safetensors").is_file():
        tf.AutoModelForSequenceClassification.from_config(tf.BertConfig()).save_pretrained(path)
    world().barrier()
    model: Any = tf.AutoModelForSequenceClassification.from_pretrained(path, dtype="float32").train()
    parameters = list(model.parameters())
    optimizer: Any = ZeroRedundancyOptimizer(parameters, AdamW, lr=1e-5) if shard else AdamW(parameters, lr=1e-5)
    generator = np.random.default_rng(0)
    ids = generator.integers(5, 30000, (BATCH, SEQ))[rank * BATCH // size : (rank + 1) * BATCH // size]
    labels = np.zeros(len(ids), np.int64)
    found: dict[str, list[float]] = {"step": [], "passes": [], "average": [], "optimizer": []}
    for _ in range(STEPS):
        world().barrier()
        times = [time.perf_counter()]
        model(ids, labels=labels).loss.backward()
        times.append(time.perf_counter())
        world().barrier()
        times.append(time.perf_counter())
        if shard:
            optimizer.reduce_gradients()
        else:
            average_gradients(world(), parameters)
        times.append(time.perf_counter())
        if not shard:
            clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        model.zero_grad()
        times.append(time.perf_counter())
        found["passes"].append(times[2] - times[0])
        found["average"].append(times[3] - times[2])
        found["optimizer"].append(times[4] - times[3])
        found["step"].append(times[4] - times[0])
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return {"rank": rank, "peak_mb": int(peak.split()[1]) // 1024} | {
        name: median(values[1:]) for name, values in found.items()
    }


def best(work: Any) -> float:
    """The least seconds of several runs."""
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


if __name__ == "__main__":
    main()
