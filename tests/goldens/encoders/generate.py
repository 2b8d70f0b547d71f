"""Writes the goldens of the encoder families: tiny seeded checkpoints, inputs, and what the reference computes.

Run with torch and transformers installed:  python tests/goldens/encoders/generate.py [--family bert] [--out DIR] ...
"""

import argparse
import sys
import zlib
from functools import partial
from pathlib import Path

import torch
import transformers

sys.path.insert(0, str(Path(__file__).parent.parent))
import cases as inputs
import checkpoint
import settings
from shared.results import Results


def write_family(model_type: str, args: argparse.Namespace) -> None:
    out = args.out / model_type
    out.mkdir(parents=True, exist_ok=True)
    config = settings.build_config(model_type, args)
    # Families with the same tensors must not have the same values, or one could be run for another.
    seed = zlib.crc32(f"{args.seed} {model_type}".encode())
    found = {} if args.variant else settings.OVERLAYS.get(model_type, {})
    variants = {name: settings.build_config(model_type, args, keys) for name, keys in found.items()}
    overlays = checkpoint.write(config, out, seed, variants)
    if args.variant == "legacy_keys":
        settings.use_legacy_keys(out / "config.json")
    results = Results(model_type)
    classes = {}
    for head in checkpoint.heads(config):
        draw = inputs.Draw(config, args.positions, seed)
        first = checkpoint.load(head, out, overlays.get(head))
        classes[head] = type(first).__name__
        found = inputs.base_cases(first, draw) if head == "base" else inputs.head_cases(head, config, draw)
        for variant in variants:
            if head == "base":
                other = checkpoint.load(head, out, overlays[variant])
                found += inputs.overlay_cases(variant, other, draw)
            elif head != "question_answering":
                found.append(inputs.overlay_head_case(variant, head, draw))
        for case in found:
            results.add(case, partial(checkpoint.load, head, out, overlays.get(case.overlay), **case.loading))
    results.write(out, classes, vars(args), overlays=overlays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", action="append", choices=settings.SETTINGS, help="one of them; all when left out")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="gets a folder for each family")
    parser.add_argument("--act", help="the activation function in the layers; the family's own when left out")
    parser.add_argument("--layers", type=int, help="3, or what the family needs, when left out")
    parser.add_argument("--intermediate", type=int, help="72, or what the family needs, when left out")
    parser.add_argument("--variant", help="changed settings, see settings.py")
    sizes = {"seed": 7, "hidden": 40, "heads": 5, "vocab": 131, "positions": 23}
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    # The order of sums, and so the last bits, would depend on the number of threads.
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for model_type in args.family or settings.SETTINGS:
        if args.variant is not None and args.variant not in settings.variants(model_type):
            parser.error(f"{model_type} has the variants {', '.join(settings.variants(model_type))}")
        write_family(model_type, args)


if __name__ == "__main__":
    main()
