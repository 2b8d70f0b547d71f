"""Texts per second of text classification beside transformers, on the machine at hand.

    python tests/benchmarks/pipelines.py DIR --json result.json

2,000 texts of 5 to 200 tokens go through `pipeline("text-classification", batch_size=32)` of both packages, in turns
within one process. The model has the shape of BERT-base and random weights; it is written into DIR if it is not there.
"""

import argparse
import gc
import json
import os
import time
from collections.abc import Callable
from itertools import islice, product
from pathlib import Path
from statistics import median
from string import ascii_lowercase
from typing import Any

import numpy as np
from machine import busy_seconds, cores, describe

OURS, PEER = "trustformers", "transformers"
# Texts per second of ours to those of the peer.
GOALS = {"float32": 2.5, "bfloat16": 4.0}
MODEL = "bert-base-classifier"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
VOCABULARY = 30522
# Scores further apart come of a mistake and not of rounding.
MAX_ABS_DIFF = {"float32": 1e-4, "bfloat16": 5e-2}
WARMUP_TEXTS = 64

Classify = Callable[[list[str]], Any]


def main() -> None:
    args = parser().parse_args()
    os.environ["TRUSTFORMERS_NUM_THREADS"] = str(len(cores()))
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    path = args.dir / MODEL
    if not path.is_dir():
        write_model(path)
    texts = some_texts(args.texts)
    result: dict[str, Any] = describe() | {"texts": len(texts), "batch_size": args.batch_size, "results": []}
    print(json.dumps({key: result[key] for key in ("commit", "processor", "threads", "versions")}))
    for precision in args.precision.split(","):
        result["results"].append(measure(path, precision, texts, args))
        report(result["results"][-1])
        gc.collect()
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root.add_argument("dir", type=Path, help="where the model is")
    root.add_argument("--json", type=Path, help="write the result here")
    root.add_argument("--precision", default=",".join(GOALS), help="%(default)s")
    root.add_argument("--texts", type=int, default=2000, help="%(default)s")
    root.add_argument("--batch-size", type=int, default=32, help="%(default)s")
    root.add_argument("--rounds", type=int, default=3, help="turns of each package; %(default)s")
    return root


def words() -> list[str]:
    """Words of three and four letters, each of them a token."""
    every = (letters for length in (3, 4) for letters in product(ascii_lowercase, repeat=length))
    return ["".join(letters) for letters in islice(every, VOCABULARY - len(SPECIAL))]


def write_model(path: Path) -> None:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    path.mkdir(parents=True)
    vocabulary = {token: index for index, token in enumerate([*SPECIAL, *words()])}
    BertTokenizerFast(vocab=vocabulary, model_max_length=512).save_pretrained(path)
    torch.manual_seed(0)
    BertForSequenceClassification(BertConfig(vocab_size=VOCABULARY, num_labels=3)).save_pretrained(path)


def some_texts(count: int) -> list[str]:
    """Texts of 5 to 200 tokens, [CLS] and [SEP] among them."""
    rng = np.random.default_rng(0)
    known = words()
    lengths = rng.integers(5 - 2, 200 - 2 + 1, count)
    return [" ".join(known[index] for index in rng.integers(0, len(known), length)) for length in lengths]


def ours(path: Path, precision: str, batch_size: int) -> Classify:
    from trustformers import pipeline

    classify = pipeline("text-classification", path, device="cpu", dtype=precision, batch_size=batch_size)
    return lambda texts: classify(texts, top_k=None)


def theirs(path: Path, precision: str, batch_size: int) -> Classify:
    import torch
    from transformers import pipeline

    torch.set_num_threads(len(cores()))
    dtype = getattr(torch, precision)
    classify = pipeline("text-classification", str(path), device="cpu", dtype=dtype, batch_size=batch_size)
    return lambda texts: classify(texts, top_k=None)


def measure(path: Path, precision: str, texts: list[str], args: argparse.Namespace) -> dict[str, Any]:
    tasks = {OURS: ours(path, precision, args.batch_size), PEER: theirs(path, precision, args.batch_size)}
    answers = {name: task(texts[:WARMUP_TEXTS]) for name, task in tasks.items()}
    difference = farthest(answers[OURS], answers[PEER])
    if not difference <= MAX_ABS_DIFF[precision]:
        raise SystemExit(f"{precision}: scores are {difference:.1e} apart, allowed are {MAX_ABS_DIFF[precision]:.0e}")
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    start, others = time.perf_counter(), busy_seconds() - time.process_time()
    for number in range(args.rounds):
        for name in tasks if number % 2 == 0 else reversed(tasks):
            before = time.perf_counter()
            tasks[name](texts)
            seconds[name].append(time.perf_counter() - before)
    others = busy_seconds() - time.process_time() - others
    rates = {name: len(texts) / median(turns) for name, turns in seconds.items()}
    ratios = [peer / mine for mine, peer in zip(seconds[OURS], seconds[PEER], strict=True)]
    return {
        "precision": precision,
        "max_abs_diff": difference,
        "seconds": {name: [round(turn, 3) for turn in turns] for name, turns in seconds.items()},
        "texts_per_second": {name: round(rate, 2) for name, rate in rates.items()},
        "ours_to_peer": round(median(ratios), 3),
        "goal": GOALS.get(precision),
        "others_busy": round(max(0.0, others / (time.perf_counter() - start)), 3),
    }


def farthest(found: list[Any], expected: list[Any]) -> float:
    """How far scores of the same labels are apart at most."""
    scores = [
        [{label["label"]: label["score"] for label in labels} for labels in answers] for answers in (found, expected)
    ]
    return max(abs(mine[label] - peer[label]) for mine, peer in zip(*scores, strict=True) for label in peer)


def report(row: dict[str, Any]) -> None:
    rates = ", ".join(f"{name} {rate:.1f}" for name, rate in row["texts_per_second"].items())
    print(f"{row['precision']}: {rates} texts per second; ours to {PEER}: {row['ours_to_peer']:.2f}", end="")
    print(f" (goal {row['goal']}); scores at most {row['max_abs_diff']:.1e} apart", flush=True)
    if row["others_busy"] > 0.2:
        print(f"  disturbed: other processes used {row['others_busy']:.1f} cores")


if __name__ == "__main__":
    main()
