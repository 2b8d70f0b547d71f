"""Writes the goldens of the encoder families: tiny seeded checkpoints, inputs, and what the reference computes.

Run with torch and transformers installed:  python tests/goldens/encoders/generate.py [--family bert] [--out DIR] ...
"""

import argparse
import json
import math
import zlib
from pathlib import Path

import cases as inputs
import checkpoint
import families
import numpy as np
import torch
import transformers
from safetensors.numpy import save_file


def result(output: object, name: str) -> torch.Tensor:
    head, _, index = name.partition(".")
    value = getattr(output, head)
    return value[int(index)] if index else value


def compute(model: transformers.PreTrainedModel, case: inputs.Case) -> dict[str, torch.Tensor]:
    given = {name: torch.from_numpy(value) for name, value in case.inputs.items()}
    given = {name: value.to(model.dtype) if value.is_floating_point() else value for name, value in given.items()}
    # The reference writes what it inferred into its configuration.
    model.config.problem_type = case.problem_type
    with torch.inference_mode():
        output = model(**given, **case.options)
    for name in ("hidden_states", "attentions"):
        if case.options:
            stored = [other for other in case.outputs if other.startswith(f"{name}.")]
            assert len(getattr(output, name)) == len(stored), f"{case.name}: {len(getattr(output, name))} {name}"
    return {name: result(output, name).float() for name in case.outputs}


def difference(case: inputs.Case, name: str, first: torch.Tensor, second: torch.Tensor) -> float:
    """The largest difference; what belongs to a masked token does not count."""
    error = (first - second).abs()
    mask = case.inputs.get("attention_mask")
    if mask is not None and error.shape[: mask.ndim] == mask.shape and name != "pooler_output":
        error = error[torch.from_numpy(mask) == 1]
    return error.max().item()


def rounded_up(value: float) -> float:
    """To one digit."""
    digits = -math.floor(math.log10(value))
    return round(math.ceil(value * 10**digits) / 10**digits, digits)


def write_family(model_type: str, args: argparse.Namespace) -> None:
    out = args.out / model_type
    out.mkdir(parents=True, exist_ok=True)
    config = families.build_config(model_type, args)
    # Families with the same tensors must not have the same values, or one could be run for another.
    seed = zlib.crc32(f"{args.seed} {model_type}".encode())
    overlays = checkpoint.write(config, out, seed)
    if args.variant == "legacy_keys":
        families.use_legacy_keys(out / "config.json")
    arrays: dict[str, np.ndarray] = {}
    listed = []
    classes = {}
    differences = {}
    for head in checkpoint.CLASSES:
        models: dict[tuple, transformers.PreTrainedModel] = {}
        draw = inputs.Draw(config, args.positions, seed)
        first = checkpoint.load(head, out, overlays.get(head))
        classes[head] = type(first).__name__
        found = inputs.base_cases(first, draw) if head == "base" else inputs.head_cases(head, config, draw)
        for case in found:
            options = {"attn_implementation": "eager"} if case.options else {}
            key = (case.overlay, *options)
            if key not in models:
                models[key] = checkpoint.load(head, out, overlays.get(case.overlay), **options)
            expected = compute(models[key], case)
            given = {name: np.ascontiguousarray(value) for name, value in case.inputs.items()}
            arrays |= {f"{head}.{case.name}.{name}": value for name, value in given.items()}
            arrays |= {f"{head}.{case.name}.{name}": value.numpy() for name, value in expected.items()}
            if case.in_bfloat16:
                halved = compute(checkpoint.load(head, out, overlays.get(case.overlay)).to(torch.bfloat16), case)
                arrays |= {f"{head}.{case.name}.{name}.bfloat16": value.numpy() for name, value in halved.items()}
                errors = [difference(case, name, halved[name], expected[name]) for name in case.outputs]
                differences[head] = max(differences.get(head, 0.0), *errors)
            listed.append(describe(case))
    for name, value in arrays.items():
        assert np.isfinite(value).all(), f"{model_type}: {name} is not finite"
    save_file(dict(sorted(arrays.items())), out / "cases.safetensors")
    manifest = {
        "model_type": model_type,
        "classes": classes,
        # Two right answers in bfloat16 may be as far from float32 as the reference is, on either side.
        "tolerance": {"float32": 2e-4, "bfloat16": rounded_up(2 * max(differences.values()))},
        "bfloat16_difference": {head: float(f"{value:.2g}") for head, value in differences.items()},
        "overlays": overlays,
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "arguments": {name: value for name, value in vars(args).items() if name not in ("out", "family")},
        "cases": listed,
    }
    text = json.dumps(manifest, indent=2)
    (out / "manifest.json").write_text(text + "\n")
    size = sum(path.stat().st_size for path in out.iterdir()) / 1000
    print(f"{model_type}: {len(listed)} cases, {size:.0f} kB, bfloat16 differs by {manifest['bfloat16_difference']}")


def describe(case: inputs.Case) -> dict:
    described = {"name": case.name, "head": case.head, "inputs": list(case.inputs), "outputs": case.outputs}
    if case.name.startswith("labels") and case.head == "sequence_classification":
        described["problem_type"] = case.problem_type
    if case.overlay is not None:
        described["overlay"] = case.overlay
    if case.options:
        described["options"] = case.options | {"attn_implementation": "eager"}
    return described | {"dtypes": ["float32", "bfloat16"] if case.in_bfloat16 else ["float32"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", action="append", choices=families.SETTINGS, help="one of them; all when left out")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="gets a folder for each family")
    parser.add_argument("--act", help="the activation function in the layers; the family's own when left out")
    parser.add_argument("--layers", type=int, help="3, or what the family needs, when left out")
    parser.add_argument("--intermediate", type=int, help="72, or what the family needs, when left out")
    parser.add_argument("--variant", help="changed settings, see families.py")
    sizes = {"seed": 7, "hidden": 40, "heads": 5, "vocab": 131, "positions": 23}
    for name, default in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    # The order of sums, and so the last bits, would depend on the number of threads.
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    for model_type in args.family or families.SETTINGS:
        if args.variant is not None and args.variant not in families.variants(model_type):
            parser.error(f"{model_type} has the variants {', '.join(families.variants(model_type))}")
        write_family(model_type, args)


if __name__ == "__main__":
    main()
