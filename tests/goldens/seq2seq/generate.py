"""Writes the goldens of the encoder-decoder families: tiny seeded checkpoints, inputs, and the reference's results.

Run with torch and transformers installed:  python tests/goldens/seq2seq/generate.py [--family t5] [--out DIR] ...
"""

import argparse
import sys
import zlib
from functools import partial
from pathlib import Path

import torch
import transformers
from safetensors import safe_open

sys.path.insert(0, str(Path(__file__).parent.parent))
import cases as inputs
import checkpoint
import generation
import settings
from shared.inputs import Case
from shared.results import Results, assert_differs, compute, difference

# Two right answers in float32 differ by less.
TOLERANCE = 1e-4


def assert_cached_equals_full(case: Case, model: transformers.PreTrainedModel) -> None:
    """One target token after another, with what was computed for those before, gives the same logits."""
    expected = compute(model, case)["logits"]
    given = {name: torch.from_numpy(value) for name, value in case.inputs.items()}
    ids = given.pop("decoder_input_ids")
    mask = given.pop("decoder_attention_mask", None)
    logits, past, encoded = [], None, None
    with torch.inference_mode():
        for step in range(ids.shape[1]):
            seen = {} if mask is None else {"decoder_attention_mask": mask[:, : step + 1]}
            output = model(
                **given,
                **seen,
                decoder_input_ids=ids[:, step : step + 1],
                past_key_values=past,
                encoder_outputs=encoded,
                use_cache=True,
            )
            past, encoded = output.past_key_values, (output.encoder_last_hidden_state,)
            logits.append(output.logits)
    error = difference(case, "logits", torch.cat(logits, dim=1), expected)
    assert error < TOLERANCE, f"{model.config.model_type} {case.name}: cached differs by {error}"


def assert_source_shows(case: Case, model: transformers.PreTrainedModel) -> None:
    other = dict(case.inputs)
    other["input_ids"] = other["input_ids"][::-1].copy()
    changed = compute(model, Case(case.name, case.head, other, ["logits"]))["logits"]
    assert (changed - compute(model, case)["logits"]).abs().max() > 1e-2, f"{case.name}: the source does not show"


def stored_names(folder: Path) -> list[str]:
    with safe_open(folder / "model.safetensors", "pt") as file:
        return sorted(file.keys())


def write_family(model_type: str, args: argparse.Namespace) -> None:
    out = args.out / model_type
    out.mkdir(parents=True, exist_ok=True)
    config = settings.build_config(model_type, args)
    # Families with the same tensors must not have the same values, or one could be run for another.
    seed = zlib.crc32(f"{args.seed} {model_type}".encode())
    variants = {name: settings.build_config(model_type, args, name) for name in settings.variants(model_type)}
    own_head = {name: variants[name] for name in settings.OWN_HEAD.get(model_type, ())}
    store = checkpoint.Checkpoint(out, config, seed, own_head)
    store.write(variants)
    results = Results(model_type)
    classes = {}
    for head in store.heads:
        model = store.load(head)
        classes[head] = type(model).__name__
        for case in inputs.cases(head, model, inputs.Sources(config, args.positions, seed)):
            results.add(case, partial(store.load, head, case.overlay))
            counts_tokens = model_type in settings.POSITIONS_OF_TOKENS and case.name == "targets_left_padded"
            if head == "seq2seq_lm" and "labels" not in case.inputs and not counts_tokens:
                assert_cached_equals_full(case, model)
            if head == "seq2seq_lm" and case.name == "no_mask":
                assert_source_shows(case, model)
    search = generation.Search(store.load("seq2seq_lm"), inputs.Sources(config, 0, seed + 1))
    for case, expected in generation.cases(search):
        results.keep(case, expected)
    for index, (variant, changed) in enumerate(variants.items()):
        draw = inputs.Sources(changed, args.positions, seed + 2 + index)
        is_of_the_head = variant in settings.OF_THE_HEAD or variant in own_head
        for case in inputs.variant_cases(variant, draw, is_of_the_head=is_of_the_head):
            results.add(case, partial(store.load, case.head, variant))
            assert_differs(case, results, store.load(case.head))
        search = generation.Search(store.load("seq2seq_lm", variant), draw, variant, f"{variant}_")
        results.keep(*search.with_end("greedy", (7, 4), {}))
    tied = {"stored": store.tied()} | {name: store.tied(name) for name in variants if store.overlays[name]["weights"]}
    results.write(out, classes, vars(args), **store.implementations(), overlays=store.overlays, tied_weights=tied)
    outside = [name for name in stored_names(out) if ".layers." not in name and ".block." not in name]
    print(f"  stored beside the layers: {', '.join(outside)}")
    for name, found in tied.items():
        print(f"  tied, {name}: {', '.join(f'{key} = {source}' for key, source in found.items())}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", action="append", choices=settings.SETTINGS, help="one of them; all when left out")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="gets a folder for each family")
    sizes = {"seed": 7, "hidden": 40, "heads": 5, "vocab": 131, "positions": 23}
    sizes |= {"layers": 2, "decoder-layers": 3, "intermediate": 28, "decoder-intermediate": 20}
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    # The order of sums, and so the last bits, would depend on the number of threads.
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for model_type in args.family or settings.SETTINGS:
        write_family(model_type, args)


if __name__ == "__main__":
    main()
