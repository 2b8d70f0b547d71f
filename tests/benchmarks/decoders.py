"""Measures generation beside PyTorch on the machine at hand: GPT-2 and the shape of Qwen3-0.6B, random weights.

python tests/benchmarks/decoders.py make DIR
python tests/benchmarks/decoders.py run DIR --json result.json --plot result.png
"""

import argparse
import gc
import json
import os
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from machine import cores, describe, version_of
from measure import Limits, interleave
from numpy.typing import NDArray

Generate = Callable[[NDArray[np.int64], int], None]

# Prompt tokens, prompts, and new tokens of each case; what a token takes is the difference to one token.
DECODE = {"decode": (16, 1, 33), "decode of 16": (16, 16, 17)}
PREFILL = 512
PRECISIONS = ("float32", "bfloat16", "int8")
MODELS = {"gpt2": PRECISIONS, "qwen3": ("bfloat16", "int8")}


def main() -> None:
    args = parser().parse_args()
    os.environ["TRUSTFORMERS_NUM_THREADS"] = str(len(cores()))
    if args.what == "make":
        make(args.dir)
        return
    result = describe() | {"results": []}
    print(json.dumps({key: result[key] for key in ("commit", "processor", "threads", "versions")}))
    for model in args.models:
        for precision in MODELS[model]:
            result["results"] += measure(args.dir / model, precision, Limits(args.rounds, args.rounds))
            gc.collect()
    if args.json:
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    if args.plot:
        plot(result, args.plot)


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = root.add_subparsers(dest="what", required=True)
    for name in ("make", "run"):
        command = commands.add_parser(name)
        command.add_argument("dir", type=Path, help="where the models are")
    command.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    command.add_argument("--rounds", type=int, default=5, help="%(default)s")
    command.add_argument("--json", type=Path, help="write the result here")
    command.add_argument("--plot", type=Path, help="draw the result into this PNG")
    return root


def make(directory: Path) -> None:
    """Writes the models that are not there yet."""
    import trustformers

    trustformers.set_seed(0)
    if not (directory / "gpt2").is_dir():
        trustformers.GPT2LMHeadModel(trustformers.GPT2Config()).save_pretrained(directory / "gpt2")
    if not (directory / "qwen3").is_dir():
        # Qwen/Qwen3-0.6B
        config = trustformers.Qwen3Config(
            hidden_size=1024,
            intermediate_size=3072,
            num_hidden_layers=28,
            num_attention_heads=16,
            num_key_value_heads=8,
            max_position_embeddings=40960,
            tie_word_embeddings=True,
            rope_theta=1e6,
        )
        trustformers.Qwen3ForCausalLM(config, dtype="bfloat16").save_pretrained(directory / "qwen3")


def ours(path: Path, precision: str) -> Generate:
    from trustformers import AutoModelForCausalLM

    in_8_bits = precision == "int8"
    dtype = "bfloat16" if in_8_bits else precision
    model = AutoModelForCausalLM.from_pretrained(path, dtype=dtype, load_in_8bit=in_8_bits)
    return lambda ids, count: model.generate(ids, max_new_tokens=count, eos_token_id=None)


def torch(path: Path, precision: str) -> Generate:
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(len(cores()))
    model = AutoModelForCausalLM.from_pretrained(path, dtype=getattr(torch, precision)).eval()
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0

    def generate(ids: NDArray[np.int64], count: int) -> None:
        given = torch.from_numpy(ids)
        with torch.inference_mode():
            model.generate(given, attention_mask=torch.ones_like(given), max_new_tokens=count, do_sample=False)

    return generate


def measure(path: Path, precision: str, limits: Limits) -> list[dict[str, Any]]:
    """Tokens per second of each case, and how many times a peer's they are."""
    loaded = {"trustformers": ours(path, precision)}
    if precision != "int8" and version_of("torch") is not None:
        loaded["torch"] = torch(path, precision)
    rows = []

    def turns(prompts: int, length: int, counts: tuple[int, ...]) -> dict[tuple[str, int], list[float]]:
        ids = np.random.default_rng(0).integers(10, 50000, (prompts, length))

        def call(generate: Generate, count: int) -> Callable[[], None]:
            return lambda: generate(ids, count)

        named = {(name, count): call(generate, count) for name, generate in loaded.items() for count in counts}
        times = interleave({f"{name} {count}": call for (name, count), call in named.items()}, limits).times
        return {(name, count): [turn / 1e3 for turn in times[f"{name} {count}"].turns] for name, count in named}

    def add(case: str, speeds: dict[str, float]) -> None:
        row: dict[str, Any] = {"model": path.name, "precision": precision, "case": case}
        row["tokens_per_second"] = {name: round(speed, 2) for name, speed in speeds.items()}
        if "torch" in speeds:
            row["ours_to_torch"] = round(speeds["trustformers"] / speeds["torch"], 3)
        rows.append(row)
        print(json.dumps(row), flush=True)

    prompt = turns(1, PREFILL, (1,))
    add(f"prefill of {PREFILL}", {name: PREFILL / median(prompt[name, 1]) for name in loaded})
    for case, (length, prompts, count) in DECODE.items():
        found = turns(prompts, length, (1, count))
        steps = {name: zip(found[name, count], found[name, 1], strict=True) for name in loaded}
        took = {name: median(many - one for many, one in pairs) for name, pairs in steps.items()}
        add(case, {name: prompts * (count - 1) / took[name] for name in loaded})
    return rows


def plot(result: dict[str, Any], file: Path) -> None:
    """Bars of tokens per second, a panel for each case."""
    import matplotlib.pyplot as plt

    cases = list(dict.fromkeys(row["case"] for row in result["results"]))
    figure, panels = plt.subplots(1, len(cases), figsize=(4.5 * len(cases), 4), layout="constrained")
    for panel, case in zip(panels, cases, strict=True):
        rows = [row for row in result["results"] if row["case"] == case]
        for offset, name in enumerate(("trustformers", "torch")):
            speeds = [row["tokens_per_second"].get(name, 0) for row in rows]
            panel.bar([index + 0.4 * offset for index in range(len(rows))], speeds, 0.38, label=name)
        panel.set_xticks([index + 0.2 for index in range(len(rows))])
        panel.set_xticklabels([f"{row['model']}\n{row['precision']}" for row in rows], fontsize=7)
        panel.set_title(case)
        panel.set_ylabel("tokens per second")
    panels[0].legend()
    figure.suptitle(f"{result['processor']['name']}, {result['threads']} threads")
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    main()
