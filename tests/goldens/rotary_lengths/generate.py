"""Writes what generate() makes of prompts that grow beyond the length where rotary frequencies change.

Run with torch and transformers installed:  python tests/goldens/rotary_lengths/generate.py [--out DIR]
The checkpoints are those of tests/goldens/decoders, with other keys of their config.json.
"""

import argparse
import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

DECODERS = Path(__file__).parent.parent / "decoders"
LIMIT = 8
# Two right answers in float32 differ by less than a tenth of this.
MARGIN = 2e-3
ATTEMPTS = 200


def longrope(pairs: int, **keys: object) -> dict:
    return {
        "rope_type": "longrope",
        "rope_theta": 1000.0,
        "factor": 4.0,
        "original_max_position_embeddings": LIMIT,
        "short_factor": [1.0 + 0.1 * at for at in range(pairs)],
        "long_factor": [1.5 + 0.7 * at for at in range(pairs)],
        **keys,
    }


VARIANTS = {
    "phi3": ("phi3", {"original_max_position_embeddings": LIMIT, "rope_parameters": longrope(5)}),
    "phi3_partial": (
        "phi3",
        {
            "original_max_position_embeddings": LIMIT,
            "rope_parameters": longrope(2, partial_rotary_factor=0.4),
            "partial_rotary_factor": 0.4,
        },
    ),
    "llama_longrope": ("llama", {"rope_parameters": longrope(6)}),
    "llama_dynamic": (
        "llama",
        {
            "max_position_embeddings": LIMIT,
            "rope_parameters": {"rope_type": "dynamic", "rope_theta": 1000.0, "factor": 2.0},
        },
    ),
}


def load(variant: str) -> PreTrainedModel:
    family, keys = VARIANTS[variant]
    config = AutoConfig.from_pretrained(DECODERS / family, **keys)
    model = AutoModelForCausalLM.from_pretrained(DECODERS / family, config=config, dtype=torch.float32)
    return model.eval()


def run(variant: str, prompt: list[int], options: dict) -> tuple[list[list[int]], dict[str, torch.Tensor], float]:
    """The sequences, what else came out, and the least distance between the best two tokens of a step."""
    # A model keeps the frequencies of the longest sequence that it has had: each run has a new one.
    model = load(variant)
    cache = {}
    if turn := options.get("first_turn"):
        cache["past_key_values"] = transformers.DynamicCache(config=model.config)
        ids = torch.tensor([prompt[:turn]])
        model.generate(ids, max_new_tokens=1, do_sample=False, eos_token_id=None, pad_token_id=0, **cache)
    keys = {key: value for key, value in options.items() if key not in {"first_turn"}}
    torch.manual_seed(7)
    output = model.generate(
        torch.tensor([prompt]),
        **keys,
        **cache,
        eos_token_id=None,
        pad_token_id=0,
        return_dict_in_generate=True,
        output_scores=True,
        output_logits=True,
    )
    tensors = {"logits": torch.stack(output.logits)}
    if "sequences_scores" in output:
        tensors = {"sequences_scores": output.sequences_scores}
    best = torch.stack(output.scores).topk(2).values
    margin = 1.0 if options["do_sample"] else float((best[..., 0] - best[..., 1]).min())
    return output.sequences.tolist(), tensors, margin


CASES = {
    "greedy": (5, {"max_new_tokens": 10, "do_sample": False}),
    "greedy_from_the_limit": (LIMIT, {"max_new_tokens": 4, "do_sample": False}),
    "greedy_beyond": (LIMIT + 2, {"max_new_tokens": 4, "do_sample": False}),
    "uncached": (5, {"max_new_tokens": 8, "do_sample": False, "use_cache": False}),
    "sampled": (5, {"max_new_tokens": 10, "do_sample": True, "temperature": 0.8}),
    "beams": (5, {"max_new_tokens": 8, "do_sample": False, "num_beams": 3, "num_return_sequences": 2}),
    "second_turn": (10, {"max_new_tokens": 5, "do_sample": False, "first_turn": 4}),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    args = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    generator = torch.Generator().manual_seed(7)
    cases, tensors = [], {}
    for variant in VARIANTS:
        for name, (length, options) in CASES.items():
            for _ in range(ATTEMPTS):
                prompt = torch.randint(4, 83, (length,), generator=generator).tolist()
                sequences, found, margin = run(variant, prompt, options)
                if margin > MARGIN or "beams" in name:
                    break
            else:
                raise RuntimeError(f"{variant} {name}: no prompt was found")
            case = {"variant": variant, "name": name, "options": options}
            cases.append({**case, "prompt": prompt, "sequences": sequences})
            tensors |= {f"{variant}.{name}.{key}": value.contiguous() for key, value in found.items()}
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    variants = {name: {"family": family, "config": keys} for name, (family, keys) in VARIANTS.items()}
    lines = ",\n".join(json.dumps(case) for case in cases)
    head = json.dumps({"versions": versions, "limit": LIMIT, "variants": variants})
    (args.out / "manifest.json").write_text(f'{head[:-1]}, "cases": [\n{lines}\n]}}\n')
    save_file(tensors, args.out / "cases.safetensors")


if __name__ == "__main__":
    main()
