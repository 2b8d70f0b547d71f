"""Measures BERT-base against PyTorch, ONNX Runtime and OpenVINO on the machine at hand.

    python tests/benchmarks/encoders.py make DIR
    python tests/benchmarks/encoders.py run DIR --json result.json --plot result.png
    python tests/benchmarks/encoders.py cold DIR

docs/benchmarks/README.md tells what to install and how to read the figures.
"""

import argparse
import gc
import json
import os
from pathlib import Path
from typing import Any

import checkpoints
import numpy as np
from cold import measure_cold
from contestants import CHECKPOINT, CONTESTANTS, OURS, PEERS, PRECISIONS, Bind, Inputs, to_array
from machine import cores, describe, version_of
from measure import Limits, agreement, full_inputs, interleave, mixed_inputs, relative, rounded, summarize
from numpy.typing import NDArray
from plot import plot

# A right float32 result is 1e-5 from another; one that is further off is not worth timing.
MAX_ABS_DIFF = 1e-3
MIXED_BATCH = 32
# Cores in use by something else, above which a figure carries a warning.
DISTURBED = 0.2


def main() -> None:
    args = parser().parse_args()
    os.environ["TRUSTFORMERS_NUM_THREADS"] = str(len(cores()))
    if args.what in ("run", "cold") and not (args.dir / CHECKPOINT).is_dir():
        raise SystemExit(f"{args.dir / CHECKPOINT}: not there; `encoders.py make {args.dir}` writes it")
    if getattr(args, "plot", None) and version_of("matplotlib") is None:
        raise SystemExit("--plot: matplotlib is not installed")
    if args.what == "make":
        checkpoints.make(args.dir)
    elif args.what == "plot":
        plot(json.loads(args.json.read_text()), args.png)
    elif args.what == "cold":
        result = describe() | measure_cold(args.dir, args.processes)
        report_cold(result)
        write(result, args.json)
    else:
        result = run(args)
        write(result, args.json)
        if args.plot:
            plot(result, args.plot)


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = root.add_subparsers(dest="what", required=True)
    make = commands.add_parser("make", help="write the models that are not there yet")
    run = commands.add_parser("run", help="measure calls, all contestants in turns")
    cold = commands.add_parser("cold", help="measure fresh processes: first result, peak of memory")
    for command in (make, run, cold):
        command.add_argument("dir", type=Path, help="where the models are")
    for command in (run, cold):
        command.add_argument("--json", type=Path, help="write the result here")
    run.add_argument("--precision", type=words(PRECISIONS), default=list(PRECISIONS), help=",".join(PRECISIONS))
    run.add_argument("--peers", type=words(PEERS), default=list(PEERS), help=",".join(PEERS))
    run.add_argument("--shapes", type=shapes, default="1x16,1x128,8x128,32x128", help="batch x seq; %(default)s")
    run.add_argument("--mixed", action="store_true", help="also a batch of 32 rows of 8 to 128 tokens")
    run.add_argument("--rounds", type=int, help="so many per shape, instead of 7 to 41 as time permits")
    run.add_argument("--seconds", type=float, default=Limits.seconds, help="time for a shape after 7 rounds")
    run.add_argument("--plot", type=Path, help="draw the result into this PNG")
    cold.add_argument("--processes", type=int, default=7, help="per contestant; %(default)s")
    again = commands.add_parser("plot", help="draw the result of an earlier run")
    again.add_argument("json", type=Path)
    again.add_argument("png", type=Path)
    return root


def words(known: tuple[str, ...]) -> Any:
    def parse(text: str) -> list[str]:
        found = text.split(",")
        for word in found:
            if word not in known:
                raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(known)}")
        return found

    return parse


def shapes(text: str) -> list[tuple[int, int]]:
    pairs = [word.split("x") for word in text.split(",") if word]
    try:
        return [(int(batch), int(seq)) for batch, seq in pairs]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 1x16,8x128") from None


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Checks every contestant's output, then measures those of each precision together."""
    result = describe() | {"agreement": {}, "absent": {}, "results": []}
    print(json.dumps({key: result[key] for key in ("commit", "processor", "threads", "versions")}))
    limits = Limits(args.rounds, args.rounds) if args.rounds else Limits(seconds=args.seconds)
    sample = full_inputs(2, 16)
    sample["attention_mask"][1, 9:] = 0
    reference = reference_output(args, sample)
    for precision in args.precision:
        loaded, result["absent"][precision] = load(args, precision)
        print(f"\n{precision}")
        for name, why in result["absent"][precision].items():
            print(f"  {name}: {why}")
        outputs = {name: to_array(bind(sample)()) for name, bind in loaded.items()}
        result["agreement"][precision] = check(precision, outputs, reference, sample["attention_mask"])
        if loaded:
            result["results"] += measure(loaded, precision, args, limits)
        del loaded
        gc.collect()
    return result


def load(args: argparse.Namespace, precision: str) -> tuple[dict[str, Bind], dict[str, str]]:
    """The models of those who compute in this precision, and why others are absent."""
    loaded: dict[str, Bind] = {}
    absent: dict[str, str] = {}
    for contestant in CONTESTANTS:
        name = contestant.package
        if contestant.precision != precision or name not in (OURS, *args.peers):
            continue
        if version_of(name) is None:
            absent[name] = "not installed"
            continue
        try:
            loaded[name] = contestant.load(args.dir, len(cores()))
        except Exception as error:
            # A peer may lack its file or the processor's support; the others still count.
            absent[name] = f"{type(error).__name__}: {error}"
    return loaded, absent


def reference_output(args: argparse.Namespace, sample: Inputs) -> NDArray[np.float32] | None:
    """What the first installed peer computes in float32: torch, if it is there."""
    for contestant in CONTESTANTS:
        if contestant.precision == "float32" and contestant.package in PEERS and version_of(contestant.package):
            return to_array(contestant.load(args.dir, len(cores()))(sample)())
    return None


def check(
    precision: str,
    outputs: dict[str, NDArray[np.float32]],
    reference: NDArray[np.float32] | None,
    mask: NDArray[np.int64],
) -> dict[str, dict[str, float]]:
    """How far each output is from the reference; a float32 that is wrong ends the program."""
    if reference is None:
        print("  outputs were not compared: no peer is installed")
        return {}
    found = {name: agreement(output, reference, mask) for name, output in outputs.items()}
    for name, distance in found.items():
        difference, cosine = distance["max_abs_diff"], distance["lowest_cosine"]
        print(f"  {name}: max abs diff {difference:.1e}, lowest cosine of a token {cosine:.6f}")
        if precision == "float32" and not difference <= MAX_ABS_DIFF:
            raise SystemExit(f"{name}: {difference:.1e} from the reference in float32, allowed are {MAX_ABS_DIFF:.0e}")
    return found


def measure(loaded: dict[str, Bind], precision: str, args: argparse.Namespace, limits: Limits) -> list[dict[str, Any]]:
    rows = []
    for batch, seq in args.shapes:
        inputs = full_inputs(batch, seq)
        rounds = interleave({name: bind(inputs) for name, bind in loaded.items()}, limits)
        rows.append({"precision": precision, "case": f"{batch}x{seq}"} | summarize(rounds, loaded))
        report(rows[-1])
    if args.mixed:
        rows.append({"precision": precision} | measure_mixed(loaded, limits))
        report(rows[-1])
    return rows


def measure_mixed(loaded: dict[str, Bind], limits: Limits) -> dict[str, Any]:
    """Rows of differing length; every round also has the batch without padding, which the time is relative to."""
    inputs = mixed_inputs(MIXED_BATCH)
    batch, seq = inputs["attention_mask"].shape
    full = full_inputs(batch, seq)
    calls = {name: bind(inputs) for name, bind in loaded.items()}
    rounds = interleave(calls | {f"{name} full": bind(full) for name, bind in loaded.items()}, limits)
    times = rounds.times
    return (
        {"case": f"{batch}x{seq} mixed"}
        | summarize(rounds, loaded)
        | {
            "real_tokens": round(float(inputs["attention_mask"].mean()), 3),
            "time_to_full": rounded(
                {name: relative(times[name].turns, times[f"{name} full"].turns) for name in loaded}
            ),
        }
    )


def report(row: dict[str, Any]) -> None:
    medians = ", ".join(f"{name} {value:.2f}" for name, value in row["median_ms"].items())
    print(f"  {row['case']}: {medians} ms ({row['rounds']} rounds)", flush=True)
    if "ours_to_fastest_peer" in row:
        ratios = row["ours_to_fastest_peer"]
        print(
            f"    to {row['fastest_peer']}: {ratios['median_of_ratios']:.3f} (median of ratios), "
            f"{ratios['ratio_of_medians']:.3f} (ratio of medians)"
        )
    if "time_to_full" in row:
        shares = ", ".join(f"{name} {value:.3f}" for name, value in row["time_to_full"].items())
        print(f"    real tokens {row['real_tokens']:.3f}; time relative to the full batch: {shares}")
    if row["others_busy"] > DISTURBED:
        print(f"    disturbed: other processes used {row['others_busy']:.1f} cores")
    for name, busy in row["busy_after_rest"].items():
        if busy > DISTURBED:
            print(f"    disturbed: {name} still used {busy:.1f} cores when its rest ended")


def report_cold(result: dict[str, Any]) -> None:
    for name, why in result["absent"].items():
        print(f"{name}: {why}")
    for name, row in result["results"].items():
        print(
            f"{name}: first result after {row['first_result_s']:.2f} s "
            f"(load {row['import_and_load_s']:.2f}, call {row['first_call_s']:.2f}), "
            f"peak {row['peak_rss_bytes'] / 1e6:.0f} MB = {row['peak_to_weights']:.2f} x weights"
        )
    if "ours_to_torch" in result:
        print(f"first result in float32, {OURS} / torch: {result['ours_to_torch']:.3f}")


def write(result: dict[str, Any], target: Path | None) -> None:
    if target:
        target.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
