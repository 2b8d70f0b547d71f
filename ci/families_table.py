"""Writes README's table of families from the engine's registry.

Run with the developers' module: `make stubs` writes the table; `make test-python` fails when it is stale (`--check`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import generated_part
import trustformers_stubs

README = Path(__file__).resolve().parents[1] / "README.md"


def table() -> list[str]:
    kinds: dict[str, list[str]] = {"encoders": [], "decoders": [], "encoder-decoders": []}
    for model_type, _prefix, _aliases, heads in trustformers_stubs.families():
        kind = "encoder-decoders" if "seq2seq_lm" in heads else "decoders" if "causal_lm" in heads else "encoders"
        kinds[kind].append(model_type)
    rows = [f"| {kind} | {', '.join(sorted(model_types))} |" for kind, model_types in kinds.items()]
    return ["| families | `model_type` |", "|---|---|", *rows]


if __name__ == "__main__":
    sys.exit(generated_part.write(README, "stubs", table(), checks="--check" in sys.argv))
