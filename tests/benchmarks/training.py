"""Seconds and memory of training steps beside PyTorch, on the machine at hand.

    python tests/benchmarks/training.py DIR --json result.json --plot result.png --table

A step is forward, backward, clipping and AdamW. Each library trains in a process of its own, so that the peak of memory
is its own; the two take turns step by step. The models have the shapes of BERT-base and GPT-2 and random weights, which
are written into DIR if they are not there.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from contestants import OURS
from machine import busy_seconds, cores, describe

PEER = "torch"
CHILD = Path(__file__).with_name("training_steps.py")
HEADS = {"bert-base": "AutoModelForSequenceClassification", "gpt2": "AutoModelForCausalLM"}
DROPOUT = {
    "bert-base": ("hidden_dropout_prob", "attention_probs_dropout_prob"),
    "gpt2": ("resid_pdrop", "embd_pdrop", "attn_pdrop"),
}
# Without dropout, losses further apart than this share come of a mistake and not of rounding.
MAX_DIFFERENCE = {"float32": 1e-4, "bfloat16": 2e-2}
# Threads that spin after a step would take a core from the next.
REST_SECONDS = 0.05
# Cores in use by something else, above which a figure carries a warning.
DISTURBED = 0.2
MEMORY_GOAL = 0.6
# A fifth of the steps after the first are not compared: memory grows until the allocators have their pools.
SETTLED = 0.2


class Case(NamedTuple):
    """What is trained, and how many times as fast as PyTorch that should be."""

    name: str
    model: str
    precision: str
    batch: int
    seq: int
    mixed: bool
    goal: float


CASES = (
    Case("BERT-base 16x128", "bert-base", "float32", 16, 128, False, 2.0),
    Case("BERT-base 16x128", "bert-base", "bfloat16", 16, 128, False, 1.6),
    Case("BERT-base 16 rows of 16..128", "bert-base", "float32", 16, 128, True, 3.5),
    Case("BERT-base 16 rows of 16..128", "bert-base", "bfloat16", 16, 128, True, 2.8),
    Case("GPT-2 4x256", "gpt2", "float32", 4, 256, False, 2.0),
    Case("GPT-2 4x256", "gpt2", "bfloat16", 4, 256, False, 1.6),
)


def main() -> None:
    args = parser().parse_args()
    result = json.loads(args.from_json.read_text()) if args.from_json else run(args)
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    if args.plot:
        plot(result, args.plot)
    if args.table:
        print(table(result))


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root.add_argument("dir", type=Path, help="where the models are")
    root.add_argument("--json", type=Path, help="write the result here")
    root.add_argument("--plot", type=Path, help="draw the result into this PNG")
    root.add_argument("--table", action="store_true", help="print the table of docs/benchmarks")
    root.add_argument("--from-json", type=Path, help="of an earlier run: only draw and print it")
    root.add_argument("--models", default=",".join(HEADS), help="%(default)s")
    root.add_argument("--precision", default=",".join(MAX_DIFFERENCE), help="%(default)s")
    root.add_argument("--steps", type=int, default=7, help="the first of them does not count; %(default)s")
    root.add_argument("--dropout", type=float, default=0.1, help="%(default)s")
    root.add_argument("--activation-checkpointing", action="store_true", help="compute layers again in backward")
    root.add_argument("--package", action="append", choices=(OURS, PEER), help="one of them; both when left out")
    return root


def run(args: argparse.Namespace) -> dict[str, Any]:
    os.environ["TRUSTFORMERS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(len(cores()))
    settings = {name: getattr(args, name) for name in ("steps", "dropout", "activation_checkpointing")}
    result = describe() | settings | {"results": []}
    print(json.dumps({key: result[key] for key in ("commit", "processor", "threads", "versions")}))
    for case in CASES:
        if case.model not in args.models.split(",") or case.precision not in args.precision.split(","):
            continue
        write_model(args.dir / case.model)
        result["results"].append(measure(case, args))
        report(result["results"][-1])
    return result


def write_model(path: Path) -> None:
    if path.is_dir():
        return
    import torch
    import transformers

    torch.manual_seed(0)
    if path.name == "gpt2":
        transformers.GPT2LMHeadModel(transformers.GPT2Config()).save_pretrained(path)
    else:
        config = transformers.BertConfig(num_labels=2)
        transformers.BertForSequenceClassification(config).save_pretrained(path)


class Contestant:
    """A library in a process of its own, which trains a step when told to."""

    def __init__(self, package: str, case: Case, args: argparse.Namespace):
        settings = {**dict.fromkeys(DROPOUT[case.model], args.dropout), "use_cache": False}
        given = case._asdict() | {"head": HEADS[case.model], "path": str(args.dir / case.model), "settings": settings}
        given["activation_checkpointing"] = args.activation_checkpointing
        command = [sys.executable, "-W", "ignore", CHILD, package, json.dumps(given)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self.rows: list[dict[str, float]] = []
        self.absent: str | None = None
        self.loss = self.answer().get("loss")

    def answer(self) -> dict[str, float]:
        """The next line of the process; if it has ended, why."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if line:
            found: dict[str, float] = json.loads(line)
            return found
        _, errors = self.process.communicate()
        self.absent = (errors.strip().splitlines() or [f"exit code {self.process.returncode}"])[-1]
        return {}

    def step(self) -> None:
        if self.absent is None:
            assert self.process.stdin is not None
            print(file=self.process.stdin, flush=True)
            row = self.answer()
            self.rows += [row] if row else []
            time.sleep(REST_SECONDS)

    def end(self) -> None:
        if self.absent is None:
            self.process.communicate()


def measure(case: Case, args: argparse.Namespace) -> dict[str, Any]:
    contestants = {package: Contestant(package, case, args) for package in args.package or (OURS, PEER)}
    started, others = time.perf_counter(), busy_seconds()
    for number in range(args.steps):
        for package in contestants if number % 2 == 0 else reversed(contestants):
            contestants[package].step()
    present = {package: one for package, one in contestants.items() if one.absent is None}
    busy = busy_seconds() - others
    elapsed = time.perf_counter() - started
    for one in contestants.values():
        one.end()
    used = sum(one.rows[-1]["cpu_seconds"] for one in present.values() if one.rows)
    seconds = {package: [row["seconds"] for row in one.rows] for package, one in present.items()}
    found: dict[str, Any] = case._asdict() | {
        "absent": {package: one.absent for package, one in contestants.items() if one.absent},
        "losses": {package: one.loss for package, one in present.items()},
        "seconds": {package: [round(second, 3) for second in turns] for package, turns in seconds.items()},
        "seconds_per_step": {package: round(median(settled(turns)), 3) for package, turns in seconds.items()},
        "peak_mb": {
            package: round(max(row["peak_rss_bytes"] for row in one.rows) / 1e6) for package, one in present.items()
        },
        "growth_mb": {package: growth(one.rows) for package, one in present.items()},
        "others_busy": round(max(0.0, (busy - used) / elapsed), 3),
    }
    if len(present) == 2:
        found |= compare(found, seconds)
    return found


def settled(turns: list[float]) -> list[float]:
    return turns[1:] or turns


def growth(rows: list[dict[str, float]]) -> float:
    """How much more memory the last step left than one near the beginning did."""
    first = rows[min(len(rows) - 1, 1 + int(SETTLED * len(rows)))]
    return round((rows[-1]["anonymous_bytes"] - first["anonymous_bytes"]) / 1e6, 1)


def compare(found: dict[str, Any], seconds: dict[str, list[float]]) -> dict[str, Any]:
    difference = abs(found["losses"][OURS] / found["losses"][PEER] - 1)
    if not difference <= MAX_DIFFERENCE[found["precision"]]:
        raise SystemExit(f"{found['name']} {found['precision']}: losses without dropout are {found['losses']}")
    pairs = zip(settled(seconds[OURS]), settled(seconds[PEER]), strict=True)
    return {
        "times_as_fast": round(median(peer / mine for mine, peer in pairs), 3),
        "memory_to_peer": round(found["peak_mb"][OURS] / found["peak_mb"][PEER], 3),
    }


def report(row: dict[str, Any]) -> None:
    print(f"{row['name']} {row['precision']}")
    for package, second in row["seconds_per_step"].items():
        peak, grown = row["peak_mb"][package], row["growth_mb"][package]
        print(f"  {package}: {second:.2f} s per step, peak {peak} MB, {grown} MB more at the end")
    for package, why in row["absent"].items():
        print(f"  {package}: {why}")
    if "times_as_fast" in row:
        print(f"  {row['times_as_fast']:.2f} times as fast (goal {row['goal']}),", end=" ")
        print(f"{row['memory_to_peer']:.2f} of the memory (goal {MEMORY_GOAL})", flush=True)
    if row["others_busy"] > DISTURBED:
        print(f"  disturbed: other processes used {row['others_busy']:.1f} cores")


def table(result: dict[str, Any]) -> str:
    """The rows of docs/benchmarks."""
    lines = ["| | precision | s per step | PyTorch | times as fast | goal | peak MB | PyTorch | ratio |"]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    for row in result["results"]:
        if "times_as_fast" in row:
            seconds, peak = row["seconds_per_step"], row["peak_mb"]
            cells = [row["name"], row["precision"], f"{seconds[OURS]:.2f}", f"{seconds[PEER]:.2f}"]
            cells += [
                f"{row['times_as_fast']:.2f}",
                row["goal"],
                peak[OURS],
                peak[PEER],
                f"{row['memory_to_peer']:.2f}",
            ]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def plot(result: dict[str, Any], target: Path) -> None:
    """Bars of seconds per step and of peak memory."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [row for row in result["results"] if "times_as_fast" in row]
    if not rows:
        raise SystemExit("nothing to plot: no case was measured with both libraries")
    figure, panels = pyplot.subplots(1, 2, figsize=(14, 4.5), layout="constrained")
    for panel, key, title in zip(panels, ("seconds_per_step", "peak_mb"), ("seconds per step", "peak MB"), strict=True):
        for offset, package in enumerate((OURS, PEER)):
            places = [index + 0.4 * offset for index in range(len(rows))]
            panel.bar(places, [row[key][package] for row in rows], 0.38, label=package)
        names = ["\n".join([*row["name"].split(" ", 1), row["precision"]]) for row in rows]
        panel.set_xticks([index + 0.2 for index in range(len(rows))], names, fontsize=7)
        panel.set_title(title)
        panel.spines[["top", "right"]].set_visible(False)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", frameon=False)
    figure.suptitle(f"{result['processor']['name']}, {result['threads']} threads, {result['date'][:10]}")
    figure.savefig(target, dpi=110)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
