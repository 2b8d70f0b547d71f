"""Writes what the reference computes from decoders whose configuration makes their attention bidirectional.

The checkpoints are those of `tests/goldens/decoders`, with other keys in their configuration.

Run with torch and transformers installed:  python tests/goldens/bidirectional/generate.py
"""

import json
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.numpy import save_file
from transformers import AutoConfig, AutoModel

HERE = Path(__file__).parent
# Where the reference stays causal all the same.
STAYS_CAUSAL = ["gpt_neo"]
SWITCH = {"is_causal": False}
# Whose eager attention adds alibi's biases twice.
SDPA = ["falcon"]
OVERLAYS = {
    "gemma3_text": {
        "window_of_four": {"use_bidirectional_attention": True, "sliding_window": 4},
        "window_of_five": {"use_bidirectional_attention": True, "sliding_window": 5},
        "window_of_eight": {"use_bidirectional_attention": True, "sliding_window": 8},
        "both_keys": {"use_bidirectional_attention": True, "sliding_window": 4, **SWITCH},
        "is_causal": SWITCH,
    },
    "mistral": {"is_causal": SWITCH, "window": {"sliding_window": 3, **SWITCH}, "null": {"is_causal": None}},
    "falcon": {"is_causal": SWITCH, "alibi": {"alibi": True, **SWITCH}},
}


def cases(vocab_size: int) -> dict[str, dict[str, np.ndarray]]:
    ids = np.random.default_rng(5).integers(3, vocab_size, (3, 11))
    lengths = np.arange(11) < np.array([[11], [6], [1]])
    padded = np.where(lengths, ids, 1)
    flipped = np.where(lengths[:, ::-1], ids, 1)
    return {
        "no_mask": {"input_ids": ids},
        "right_padded": {"input_ids": padded, "attention_mask": lengths.astype(np.int64)},
        "left_padded": {"input_ids": flipped, "attention_mask": lengths[:, ::-1].astype(np.int64)},
    }


def main() -> None:
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    arrays, listed = {}, []
    checkpoints = HERE.parent / "decoders"
    for directory in sorted(path.parent for path in checkpoints.glob("*/config.json")):
        family = directory.name
        if family in STAYS_CAUSAL:
            continue
        keys = json.loads((directory / "config.json").read_text())
        inputs = cases(keys["vocab_size"])
        for overlay, changes in OVERLAYS.get(family, {"is_causal": SWITCH}).items():
            listed.append({"family": family, "name": overlay, "config": changes})
            computed = {}
            for kind, changed in (("causal", keys | {"is_causal": True}), ("expected", keys | changes)):
                config = AutoConfig.for_model(**changed)
                kind_of_attention = "sdpa" if family in SDPA else "eager"
                model = AutoModel.from_pretrained(
                    directory, config=config, dtype=torch.float32, attn_implementation=kind_of_attention
                ).eval()
                for case, given in inputs.items():
                    given = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in given.items()}
                    with torch.inference_mode():
                        output = model(**given, output_attentions=family not in SDPA)
                    computed[kind, case] = output.last_hidden_state
                    if kind == "expected" and case == "right_padded" and "sliding_window" in changes:
                        arrays[f"{family}.{overlay}.attentions"] = output.attentions[-1].numpy()
            for case in inputs:
                expected, causal = computed["expected", case], computed["causal", case]
                assert (expected - causal)[0].abs().max() > 1e-2, f"{family} {overlay} {case} does not show"
                arrays[f"{family}.{overlay}.{case}"] = expected.numpy()
        arrays |= {f"{family}.{case}.{name}": value for case, given in inputs.items() for name, value in given.items()}
    arrays = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    save_file(arrays, HERE / "cases.safetensors")
    manifest = {
        "transformers": transformers.__version__,
        "torch": torch.__version__,
        "tolerance": 2e-5,
        "cases": [*inputs],
        "models": listed,
    }
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main()
