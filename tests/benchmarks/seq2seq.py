"""Measures generation of encoder-decoders beside PyTorch and CTranslate2 on the machine at hand, with random weights.

    python tests/benchmarks/seq2seq.py DIR --json result.json --plot result.png --table

The shapes are those of Marian (opus-mt), T5-base and BART-large; the checkpoints, and what CTranslate2 needs them
converted to, are written into DIR if they are not there. Every call makes as many new tokens as it is asked for.
"""

import argparse
import gc
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from machine import cores, describe, version_of
from measure import Limits, interleave, relative, summarize
from numpy.typing import NDArray

Ids = NDArray[np.int64]
# Takes sources of shape (batch, tokens) and the number of beams.
Generate = Callable[[Ids, int], Any]

OURS, TORCH, CTRANSLATE2 = "trustformers", "torch", "ctranslate2"
NEW_TOKENS, SOURCE_TOKENS = 60, 200
MODELS = ("marian", "t5-base", "bart-large")
# Beams and sources.
CASES = {"4 beams, 8 sources": (4, 8), "greedy, 1 source": (1, 1)}
PEERS = {
    "float32": (TORCH, CTRANSLATE2),
    "bfloat16": (TORCH,),
    "int8": (CTRANSLATE2,),
}
# How many times as fast as the peer ours should be.
GOALS = {(CTRANSLATE2, "float32"): 1.5, (CTRANSLATE2, "int8"): 1.3, (TORCH, "bfloat16"): 2.0}
# Logits in float32 further apart than this come of a mistake and not of rounding.
MAX_DIFFERENCE = 1e-3
# Cores in use by something else, above which a figure carries a warning.
DISTURBED = 0.2


class Model(NamedTuple):
    """A checkpoint in a precision."""

    path: Path
    precision: str
    threads: int


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
    root.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    root.add_argument("--precision", nargs="+", choices=list(PEERS), default=list(PEERS))
    root.add_argument("--rounds", type=int, default=3, help="%(default)s")
    return root


def run(args: argparse.Namespace) -> dict[str, Any]:
    threads = len(cores())
    os.environ["TRUSTFORMERS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(threads)
    result = describe() | {"new_tokens": NEW_TOKENS, "source_tokens": SOURCE_TOKENS, "results": []}
    result["versions"][CTRANSLATE2] = version_of(CTRANSLATE2) or "not installed"
    print(json.dumps({key: result[key] for key in ("commit", "processor", "threads", "versions")}))
    for name in args.models:
        path = args.dir / name
        write_checkpoint(path)
        for precision in args.precision:
            result["results"] += measure(Model(path, precision, threads), Limits(args.rounds, args.rounds))
            gc.collect()
    return result


def measure(model: Model, limits: Limits) -> list[dict[str, Any]]:
    """Tokens per second of everyone who is installed, in turns."""
    loaders = {OURS: load_ours, TORCH: load_torch, CTRANSLATE2: load_ctranslate2}
    contestants = {
        package: loaders[package](model)
        for package in (OURS, *PEERS[model.precision])
        if version_of(package) is not None
    }
    if model.precision == "float32" and TORCH in contestants:
        compare_logits(model.path)
    found = []
    for case, (beams, sources) in CASES.items():
        ids = source_ids(sources)
        calls = {package: bound(generate, ids, beams) for package, generate in contestants.items()}
        rounds = interleave(calls, limits)
        row = {"model": model.path.name, "precision": model.precision, "case": case} | summarize(rounds, calls)
        row["tokens_per_second"] = {
            package: round(sources * NEW_TOKENS / (ms / 1e3), 1) for package, ms in row["median_ms"].items()
        }
        row["times_as_fast"] = {
            package: round(1 / relative(rounds.times[OURS].turns, rounds.times[package].turns), 3)
            for package in calls
            if package != OURS
        }
        found.append(row)
        report(row)
    return found


def report(row: dict[str, Any]) -> None:
    speeds = "  ".join(f"{package} {speed}" for package, speed in row["tokens_per_second"].items())
    note = f"  disturbed: others used {row['others_busy']:.1f} cores" if row["others_busy"] > DISTURBED else ""
    print(f"{row['model']:12} {row['precision']:9} {row['case']:20} tokens/s: {speeds}{note}", flush=True)


def bound(generate: Generate, ids: Ids, beams: int) -> Callable[[], Any]:
    return lambda: generate(ids, beams)


def source_ids(sources: int) -> Ids:
    return np.random.default_rng(0).integers(10, 30000, (sources, SOURCE_TOKENS))


def write_checkpoint(path: Path) -> None:
    if path.is_dir():
        return
    import trustformers

    configs = {
        # Helsinki-NLP/opus-mt-en-de
        "marian": lambda: trustformers.MarianConfig(
            vocab_size=58101,
            decoder_vocab_size=58101,
            d_model=512,
            encoder_layers=6,
            decoder_layers=6,
            encoder_ffn_dim=2048,
            decoder_ffn_dim=2048,
            encoder_attention_heads=8,
            decoder_attention_heads=8,
            max_position_embeddings=512,
            activation_function="swish",
            scale_embedding=True,
            pad_token_id=58100,
            decoder_start_token_id=58100,
            eos_token_id=0,
        ),
        "t5-base": lambda: trustformers.T5Config(
            vocab_size=32128, d_model=768, d_ff=3072, num_layers=12, num_heads=12, decoder_start_token_id=0
        ),
        "bart-large": lambda: trustformers.BartConfig(vocab_size=50264),
    }
    trustformers.set_seed(0)
    trustformers.AutoModelForSeq2SeqLM.from_config(configs[path.name]()).save_pretrained(path)


def compare_logits(path: Path) -> None:
    """Ends the program if ours are not those of PyTorch."""
    import torch
    import transformers
    import trustformers

    ids, target = source_ids(2)[:, :32], np.full((2, 4), 17)
    ours = trustformers.AutoModelForSeq2SeqLM.from_pretrained(path, dtype="float32")
    found = np.asarray(ours(input_ids=ids, decoder_input_ids=target).logits)
    theirs = transformers.AutoModelForSeq2SeqLM.from_pretrained(path, dtype=torch.float32).eval()
    with torch.inference_mode():
        given = {"input_ids": torch.from_numpy(ids), "decoder_input_ids": torch.from_numpy(target)}
        difference = float(np.abs(theirs(**given).logits.numpy() - found).max())
    if not difference < MAX_DIFFERENCE:
        raise SystemExit(f"{path.name}: logits differ from PyTorch's by {difference}")


def load_ours(model: Model) -> Generate:
    import trustformers

    options: dict[str, Any] = {"load_in_8bit": True} if model.precision == "int8" else {"dtype": model.precision}
    loaded: Any = trustformers.AutoModelForSeq2SeqLM.from_pretrained(model.path, device="cpu", **options)
    return lambda ids, beams: loaded.generate(
        ids, num_beams=beams, do_sample=False, min_new_tokens=NEW_TOKENS, max_new_tokens=NEW_TOKENS
    )


def load_torch(model: Model) -> Generate:
    import torch
    from transformers import AutoModelForSeq2SeqLM

    torch.set_num_threads(model.threads)
    loaded = AutoModelForSeq2SeqLM.from_pretrained(model.path, dtype=getattr(torch, model.precision)).eval()

    def generate(ids: Ids, beams: int) -> Any:
        given = torch.from_numpy(ids)
        with torch.inference_mode():
            return loaded.generate(
                given,
                attention_mask=torch.ones_like(given),
                num_beams=beams,
                do_sample=False,
                min_new_tokens=NEW_TOKENS,
                max_new_tokens=NEW_TOKENS,
            )

    return generate


def load_ctranslate2(model: Model) -> Generate:
    import ctranslate2

    converted = model.path.with_suffix(".ct2")
    if not converted.is_dir():
        convert(model.path, converted)
    translator = ctranslate2.Translator(
        str(converted), device="cpu", compute_type=model.precision, intra_threads=model.threads, inter_threads=1
    )

    def generate(ids: Ids, beams: int) -> Any:
        return translator.translate_batch(
            [[f"t{token}" for token in row] for row in ids.tolist()],
            beam_size=beams,
            min_decoding_length=NEW_TOKENS,
            max_decoding_length=NEW_TOKENS,
            max_batch_size=len(ids),
        )

    return generate


def convert(path: Path, target: Path) -> None:
    """Writes CTranslate2's files without a tokenizer: a token is the text of its number."""
    from ctranslate2.converters import transformers as converters
    from transformers import AutoModelForSeq2SeqLM

    loaded = AutoModelForSeq2SeqLM.from_pretrained(path)
    config = loaded.config
    is_marian = path.name == "marian"
    # Keys that the converters read and that configurations of version 5 no longer have.
    missing = {"bos_token_id": 0, "normalize_before": False, "add_final_layer_norm": False}
    for key, value in (missing | {"normalize_embedding": not is_marian}).items():
        if not hasattr(config, key):
            setattr(config, key, value)
    spec = converters._MODEL_LOADERS[type(config).__name__].get_model_spec(loaded)
    # Marian's converter drops the row of the padding token, which is the last one.
    tokens = [f"t{token}" for token in range(config.vocab_size - is_marian)]
    tokens[config.eos_token_id], tokens[6], tokens[5] = "</s>", "<unk>", "<s>"
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    start = config.decoder_start_token_id
    spec.config.decoder_start_token = tokens[start] if start < len(tokens) else "</s>"
    spec.config.bos_token, spec.config.eos_token, spec.config.unk_token = "<s>", "</s>", "<unk>"
    spec.config.add_source_bos = spec.config.add_source_eos = False
    spec.validate()
    target.mkdir()
    spec.save(str(target))


def table(result: dict[str, Any]) -> str:
    """The rows of docs/benchmarks."""
    lines = ["| | precision | case | tokens/s | peer | its tokens/s | times as fast | goal |", "|---" * 8 + "|"]
    for row in result["results"]:
        speeds = row["tokens_per_second"]
        for peer, factor in row["times_as_fast"].items():
            goal = GOALS.get((peer, row["precision"]), "")
            cells = (
                row["model"],
                row["precision"],
                row["case"],
                speeds[OURS],
                peer,
                speeds[peer],
                f"{factor:.2f}",
                goal,
            )
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def plot(result: dict[str, Any], target: Path) -> None:
    """Bars of tokens per second, a panel for each case."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(CASES), figsize=(14, 4.5), layout="constrained")
    for panel, case in zip(panels, CASES, strict=True):
        rows = [row for row in result["results"] if row["case"] == case]
        for offset, package in enumerate((OURS, TORCH, CTRANSLATE2)):
            found = [
                (index, row["tokens_per_second"][package])
                for index, row in enumerate(rows)
                if package in row["tokens_per_second"]
            ]
            panel.bar([index + 0.28 * offset for index, _ in found], [speed for _, speed in found], 0.26, label=package)
        names = [f"{row['model']}\n{row['precision']}" for row in rows]
        panel.set_xticks([index + 0.28 for index in range(len(rows))], names, fontsize=7)
        panel.set_title(f"{case}: new tokens per second")
        panel.spines[["top", "right"]].set_visible(False)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper right", frameon=False)
    figure.suptitle(f"{result['processor']['name']}, {result['threads']} threads, {result['date'][:10]}")
    figure.savefig(target, dpi=110)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
