"""Writes the goldens of the decoder families: tiny seeded checkpoints, inputs, and what the reference computes.

Run with torch and transformers installed:  python tests/goldens/decoders/generate.py [--family llama] [--out DIR] ...
"""

import argparse
import sys
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
import transformers

sys.path.insert(0, str(Path(__file__).parent.parent))
import cases as inputs
import checkpoint
import experts
import generation
import sampling
import settings
from shared.generation import Search
from shared.inputs import Case, Draw
from shared.results import Results, assert_differs

ATTEMPTS = 400


def decided_cases(head: str, model: transformers.PreTrainedModel, positions: int, seed: int) -> Iterator[Case]:
    """The cases of a head, each with the first inputs of which every token's experts are clear."""
    attempts = [inputs.cases(head, model, Draw(model.config, positions, seed))]
    for index in range(len(attempts[0])):
        for attempt in range(ATTEMPTS):
            if attempt == len(attempts):
                draw = Draw(model.config, positions, seed + 1000 * attempt)
                attempts.append(inputs.cases(head, model, draw))
            if experts.are_decided(model, attempts[attempt][index]):
                break
        else:
            raise RuntimeError(f"{model.config.model_type} {head}: no inputs were found")
        yield attempts[attempt][index]


def write_family(model_type: str, args: argparse.Namespace) -> None:
    out = args.out / model_type
    out.mkdir(parents=True, exist_ok=True)
    config = settings.build_config(model_type, args)
    # Families with the same tensors must not have the same values, or one could be run for another.
    seed = zlib.crc32(f"{args.seed} {model_type}".encode())
    store = checkpoint.Checkpoint(out, config, seed)
    variants = {name: settings.build_config(model_type, args, name) for name in settings.variants(model_type)}
    store.write(variants)
    results = Results(model_type)
    classes = {}
    for head in store.heads:
        model = store.load(head)
        classes[head] = type(model).__name__
        for case in decided_cases(head, model, args.positions, seed):
            results.add(case, partial(store.load, head, case.overlay))
    for case, expected in generation.cases(Search(store.load("causal_lm"), Draw(config, 0, seed + 1))):
        results.keep(case, expected)
    for index, (variant, changed) in enumerate(variants.items()):
        draw = Draw(changed, args.positions, seed + 2 + index)
        is_of_the_head = variant in settings.OF_THE_HEAD
        for case in inputs.variant_cases(variant, draw, is_of_the_head=is_of_the_head):
            results.add(case, partial(store.load, case.head, variant))
            if case.name.endswith("left_padded"):
                assert_differs(case, results, store.load(case.head))
        search = Search(store.load("causal_lm", variant), draw, variant, f"{variant}_")
        steps = 20 if "window" in variant else 12
        results.keep(*search.with_end("greedy", (7, 4), {}, steps=steps))
    results.write(out, classes, vars(args), **store.implementations(), overlays=store.overlays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", action="append", choices=settings.SETTINGS, help="one of them; all when left out")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="gets a folder for each family")
    parser.add_argument("--layers", type=int, help="3, or what the family needs, when left out")
    parser.add_argument("--intermediate", type=int, help="44, or what the family needs, when left out")
    sizes = {"seed": 7, "hidden": 40, "heads": 4, "vocab": 83, "positions": 40}
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    # The order of sums, and so the last bits, would depend on the number of threads.
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for model_type in args.family or settings.SETTINGS:
        write_family(model_type, args)
    if args.family is None:
        sampling.write(args.out, args.seed)


if __name__ == "__main__":
    main()
