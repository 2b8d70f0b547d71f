"""Measures generation beside its peers on the machine at hand: GPT-2 and the shape of Qwen3-0.6B, random weights.

python tests/benchmarks/decoders.py make DIR
python tests/benchmarks/decoders.py run DIR --json result.json --plot result.png
python tests/benchmarks/decoders.py cold DIR --json result.json
"""

import argparse
import gc
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

import gguf_models
import numpy as np
from machine import cores, describe, version_of
from measure import Limits, interleave, relative
from numpy.typing import NDArray
from stored import tensors_of

Generate = Callable[[NDArray[np.int64], int], None]

# Prompt tokens, prompts, and new tokens of each case; what a token takes is the difference to one token.
DECODE = {"decode": (16, 1, 33), "decode of 16": (16, 16, 17)}
PREFILL = 512
OURS = "trustformers"
PACKAGES = {OURS: OURS, "torch": "torch", "llama.cpp": "llama-cpp-python"}
# What is loaded in each precision; that of a GGUF file's matrices is read from the same file by everyone.
FLOATS = ("float32", "bfloat16")
FILES = {"bfloat16": "BF16", "q8_0": "Q8_0", "q4_0": "Q4_0"}
MODELS = {
    "gpt2": (*FLOATS, "int8", "int4"),
    "qwen3": ("bfloat16", "int8", "int4", "q8_0", "q4_0"),
}
# Of a number, scales of groups included.
BYTES = {"float32": 4, "bfloat16": 2, "int8": 1, "int4": 34 / 64, "q8_0": 34 / 32, "q4_0": 18 / 32}
MEMORY = "memory"
COLD = {"qwen3": ("bfloat16", "int8", "int4")}


def main() -> None:
    args = parser().parse_args()
    os.environ["TRUSTFORMERS_NUM_THREADS"] = str(len(cores()))
    if args.what == "make":
        make(args.dir)
        return
    result = describe() | {"results": []}
    result["versions"]["llama-cpp-python"] = version_of("llama-cpp-python") or "not installed"
    print(json.dumps({key: result[key] for key in ("commit", "processor", "threads", "versions")}))
    for model in args.models:
        if args.what == "cold":
            result["results"] += cold(args.dir / model, COLD.get(model, ()), args.rounds)
            continue
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
    for name in ("make", "run", "cold"):
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
    if version_of("gguf") is None:
        print("GGUF files: not made, gguf is not installed")
    else:
        gguf_models.write(directory / "qwen3")


def ours(path: Path, precision: str) -> Generate:
    from trustformers import AutoModelForCausalLM

    asked: dict[str, Any] = {"dtype": precision if precision in FLOATS else "bfloat16"}
    if precision in ("int8", "int4"):
        asked[f"load_in_{precision[3:]}bit"] = True
    elif precision not in FLOATS:
        asked["gguf_file"] = gguf_models.gguf_file(FILES[precision])
    model = AutoModelForCausalLM.from_pretrained(path, **asked)
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


def llama(path: Path, precision: str) -> Generate:
    from llama_cpp import Llama

    threads = len(cores())
    model = Llama(
        str(path / gguf_models.gguf_file(FILES[precision])),
        n_ctx=2 * PREFILL,
        n_batch=PREFILL,
        n_ubatch=PREFILL,
        n_threads=threads,
        n_threads_batch=threads,
        verbose=False,
    )

    def generate(ids: NDArray[np.int64], count: int) -> None:
        (prompt,) = ids.tolist()
        model.reset()
        model.eval(prompt)
        # Without a vocabulary there is no greedy sampler; the tokens make no difference to the time.
        for token in islice(cycle(prompt), count - 1):
            model.eval([token])

    return generate


LOADERS: dict[str, Callable[[Path, str], Generate]] = {OURS: ours, "torch": torch, "llama.cpp": llama}


def runs(name: str, model: str, precision: str) -> bool:
    """Whether a contestant is installed and has a model in a precision."""
    if version_of(PACKAGES[name]) is None:
        return False
    return {OURS: True, "torch": precision in FLOATS, "llama.cpp": model == "qwen3" and precision in FILES}[name]


def measure(path: Path, precision: str, limits: Limits) -> list[dict[str, Any]]:
    """Tokens per second of each case, and how many times each peer's they are."""
    loaded = {name: load(path, precision) for name, load in LOADERS.items() if runs(name, path.name, precision)}
    rows = []
    weight_bytes = weights(path) * BYTES[precision]

    def turns(
        names: list[str], prompts: int, length: int, counts: tuple[int, ...]
    ) -> dict[tuple[str, int], list[float]]:
        ids = np.random.default_rng(0).integers(10, 50000, (prompts, length))

        def call(generate: Generate, count: int) -> Callable[[], None]:
            return lambda: generate(ids, count)

        named = {(name, count): call(loaded[name], count) for name in names for count in counts}
        calls = {f"{name} {count}": call for (name, count), call in named.items()} | {MEMORY: read_memory}
        times = interleave(calls, limits).times
        found = {(name, count): [turn / 1e3 for turn in times[f"{name} {count}"].turns] for name, count in named}
        return found | {(MEMORY, 1): [turn / 1e3 for turn in times[MEMORY].turns]}

    def add(case: str, tokens: int, took: dict[str, list[float]], extra: dict[str, float]) -> None:
        """`took`: seconds for so many tokens in each round. A ratio is the median of the rounds'."""
        row: dict[str, Any] = {"model": path.name, "precision": precision, "case": case}
        row["tokens_per_second"] = {name: round(tokens / median(times), 2) for name, times in took.items()}
        row["ours_to"] = {peer: round(relative(times, took[OURS]), 3) for peer, times in took.items() if peer != OURS}
        rows.append(row | extra)
        print(json.dumps(rows[-1]), flush=True)

    everyone = list(loaded)
    prompt = turns(everyone, 1, PREFILL, (1,))
    add(f"prefill of {PREFILL}", PREFILL, {name: prompt[name, 1] for name in everyone}, {})
    for case, (length, prompts, count) in DECODE.items():
        names = [name for name in everyone if prompts == 1 or name != "llama.cpp"]
        found = turns(names, prompts, length, (1, count))
        pairs = {name: zip(found[name, count], found[name, 1], strict=True) for name in names}
        took = {name: [many - one for many, one in turns] for name, turns in pairs.items()}
        memory = found[MEMORY, 1]
        extra = {"memory_gb_per_second": round(READ.nbytes / median(memory) / 1e9, 1)}
        if prompts == 1:
            # How fast the weights were read, relative to how fast memory is.
            limit = [(count - 1) * weight_bytes / READ.nbytes * turn for turn in memory]
            extra["ours_of_memory"] = round(relative(limit, took[OURS]), 3)
        add(case, prompts * (count - 1), took, extra)
    return rows


def weights(path: Path) -> int:
    """How many numbers a checkpoint has."""
    tensors, _ = tensors_of(path / "model.safetensors")
    return sum(math.prod(tensor["shape"]) for tensor in tensors.values())


# Half a GB; its product with a vector is the fastest reader that NumPy has.
READ = np.ones((1 << 14, 1 << 13), np.float32)


def read_memory() -> None:
    READ @ READ[0]


def cold(path: Path, precisions: tuple[str, ...], processes: int) -> list[dict[str, Any]]:
    """Seconds from the start of a process to its first token, the files being in memory; in turns, as medians."""
    entrants = [(OURS, precision) for precision in precisions]
    entrants += [("torch", precision) for precision in precisions if runs("torch", path.name, precision)]
    seconds: dict[tuple[str, str], list[float]] = {entrant: [] for entrant in entrants}
    child = Path(__file__).with_name("first_token.py")
    # The first process of each is not counted: it brings the files into memory.
    for number in range(processes + 1):
        for name, precision in entrants:
            start = time.monotonic()
            command = [sys.executable, child, name, precision, path]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            # The clock is one for all processes of a machine.
            took = json.loads(done.stdout.splitlines()[-1])["first_token_at"] - start
            if number > 0:
                seconds[name, precision].append(took)
    rows = []
    for (name, precision), found in seconds.items():
        row = {"model": path.name, "package": name, "precision": precision, "processes": processes}
        rows.append(row | {"first_token_s": round(median(found), 3)})
        print(json.dumps(rows[-1]), flush=True)
    return rows


def plot(result: dict[str, Any], file: Path) -> None:
    """Bars of tokens per second, a panel for each case."""
    import matplotlib.pyplot as plt

    cases = list(dict.fromkeys(row["case"] for row in result["results"]))
    figure, panels = plt.subplots(1, len(cases), figsize=(5.5 * len(cases), 4), layout="constrained")
    for panel, case in zip(panels, cases, strict=True):
        rows = [row for row in result["results"] if row["case"] == case]
        for offset, name in enumerate(LOADERS):
            speeds = [row["tokens_per_second"].get(name, 0) for row in rows]
            panel.bar([index + 0.27 * offset for index in range(len(rows))], speeds, 0.25, label=name)
        panel.set_xticks([index + 0.27 for index in range(len(rows))])
        panel.set_xticklabels([f"{row['model']}\n{row['precision']}" for row in rows], fontsize=7)
        panel.set_title(case)
        panel.set_ylabel("tokens per second")
    panels[0].legend()
    figure.suptitle(f"{result['processor']['name']}, {result['threads']} threads")
    figure.savefig(file, dpi=110)


if __name__ == "__main__":
    main()
