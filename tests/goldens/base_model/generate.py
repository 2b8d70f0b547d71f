"""Writes the golden of a BERT without a head: a tiny seeded checkpoint, inputs, and the outputs of the reference.

Run with torch and transformers installed:  python tests/goldens/base_model/generate.py [--out DIR] [--seed N] ...
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.numpy import save_file
from transformers import BertConfig, BertModel

# In bfloat16 the reference itself is 0.05 from its float32, so two right answers may be twice that apart.
TOLERANCE = {"float32": 2e-4, "bfloat16": 1e-1}


def build(args: argparse.Namespace) -> BertModel:
    torch.manual_seed(args.seed)
    config = BertConfig(
        vocab_size=args.vocab,
        hidden_size=args.hidden,
        num_hidden_layers=args.layers,
        num_attention_heads=args.heads,
        intermediate_size=args.intermediate,
        max_position_embeddings=args.positions,
        type_vocab_size=3,
        hidden_act=args.act,
        layer_norm_eps=1e-6,
    )
    model = BertModel(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # LayerNorm scales and biases get noise too, so that a dropped or swapped parameter shows.
            center = 1.0 if name.endswith("LayerNorm.weight") else 0.0
            parameter.copy_(center + 0.2 * torch.randn_like(parameter))
    return model


def cases(args: argparse.Namespace) -> dict[str, dict[str, np.ndarray]]:
    rng = np.random.default_rng(args.seed)

    def ids(batch: int, seq: int) -> np.ndarray:
        return rng.integers(0, args.vocab, (batch, seq))

    right = np.array([[1] * 9, [1] * 4 + [0] * 5, [1] * 1 + [0] * 8])
    return {
        "single_token": {"input_ids": ids(1, 1)},
        "no_mask": {"input_ids": ids(2, 11)},
        "longest": {"input_ids": ids(1, args.positions)},
        "right_padded": {"input_ids": ids(3, 9), "attention_mask": right},
        "left_padded": {"input_ids": ids(3, 9), "attention_mask": right[:, ::-1].copy()},
        "segments": {
            "input_ids": ids(2, 7),
            "attention_mask": np.ones((2, 7), np.int64),
            "token_type_ids": rng.integers(0, 3, (2, 7)),
        },
        "positions": {"input_ids": ids(2, 5), "position_ids": rng.integers(0, args.positions, (2, 5))},
        "row_of_padding_only": {"input_ids": ids(2, 6), "attention_mask": np.array([[1] * 6, [0] * 6])},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    parser.add_argument("--act", default="gelu")
    for name, default in {
        "seed": 7,
        "hidden": 40,
        "layers": 3,
        "heads": 5,
        "intermediate": 72,
        "vocab": 131,
        "positions": 23,
    }.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()

    model = build(args)
    model.save_pretrained(args.out)
    arrays = {}
    inputs = cases(args)
    for dtype in (torch.float32, torch.bfloat16):
        model = model.to(dtype)
        suffix = "" if dtype == torch.float32 else ".bfloat16"
        for case, kwargs in inputs.items():
            with torch.inference_mode():
                out = model(**{name: torch.from_numpy(value) for name, value in kwargs.items()})
            for name, value in kwargs.items():
                arrays[f"{case}.{name}"] = np.ascontiguousarray(value.astype(np.int64))
            arrays[f"{case}.last_hidden_state{suffix}"] = out.last_hidden_state.float().numpy()
            arrays[f"{case}.pooler_output{suffix}"] = out.pooler_output.float().numpy()
    save_file(arrays, args.out / "cases.safetensors")
    manifest = {
        "model_type": "bert",
        "cases": sorted(inputs),
        "tolerance": TOLERANCE,
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "attn_implementation": model.config._attn_implementation,
        "arguments": {k: v for k, v in vars(args).items() if k != "out"},
    }
    (args.out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
