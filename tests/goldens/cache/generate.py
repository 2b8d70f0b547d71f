"""Writes what `past_key_values` of the reference give: logits of batches that are read in parts, and tokens.

Run with torch and transformers installed:  python tests/goldens/cache/generate.py
The checkpoints are those of tests/goldens/decoders, in float32.
"""

import copy
import json
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, DynamicCache

HERE = Path(__file__).parent
PADDED = ("bloom", "gemma2", "gpt2", "gpt_neo", "gpt_oss", "llama", "opt", "phi3")
# Sequences of several windows, and of several times what a cache of windows keeps.
LONG = {"gemma2": {}, "gemma3_text": {}, "gpt_oss": {}, "mistral": {"sliding_window": 5}}
PARTS = (5, 3, 1)
LENGTH, PROMPT, CHUNK, STEPS = 420, 100, 23, 60


def load(family: str, **changes: object) -> transformers.PreTrainedModel:
    return AutoModelForCausalLM.from_pretrained(
        HERE.parent / "decoders" / family, dtype=torch.float32, attn_implementation="eager", **changes
    ).eval()


def padded(family: str, arrays: dict[str, torch.Tensor]) -> None:
    """A batch with padding on the left, in three parts."""
    model = load(family)
    ids = torch.randint(4, model.config.vocab_size, (2, sum(PARTS)), generator=torch.Generator().manual_seed(7))
    mask = torch.ones_like(ids)
    mask[1, :3] = 0
    cache, start, logits = DynamicCache(config=model.config), 0, []
    for part in PARTS:
        stop = start + part
        output = model(ids[:, start:stop], attention_mask=mask[:, :stop], past_key_values=cache)
        logits.append(output.logits)
        start = stop
    assert cache.get_seq_length() == start
    logits = torch.cat(logits, 1) * mask[..., None]
    arrays |= {f"{family}.ids": ids, f"{family}.mask": mask, f"{family}.logits": logits.contiguous()}


def long(family: str, arrays: dict[str, torch.Tensor]) -> None:
    """A sequence in parts, and what follows a prompt that the cache holds."""
    model = load(family, **LONG[family])
    ids = torch.randint(4, model.config.vocab_size, (1, LENGTH), generator=torch.Generator().manual_seed(8))
    cache = DynamicCache(config=model.config)
    model(ids[:, :PROMPT], past_key_values=cache)
    held = copy.deepcopy(cache)
    for start in range(PROMPT, LENGTH, CHUNK):
        output = model(ids[:, start : start + CHUNK], past_key_values=cache)
    config = {"max_new_tokens": STEPS, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    sequences = model.generate(ids[:, : PROMPT + 7], past_key_values=held, **config)
    assert torch.equal(sequences, model.generate(ids[:, : PROMPT + 7], **config))
    arrays |= {f"{family}.long_ids": ids, f"{family}.long_logits": output.logits[:, -3:].contiguous()}
    arrays[f"{family}.sequences"] = sequences


def main() -> None:
    arrays: dict[str, torch.Tensor] = {}
    with torch.no_grad():
        for family in PADDED:
            padded(family, arrays)
        for family in LONG:
            long(family, arrays)
    save_file(arrays, HERE / "cases.safetensors")
    versions = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
    cases = {"padded": PADDED, "long": LONG, "parts": PARTS, "prompt": PROMPT, "chunk": CHUNK, "steps": STEPS}
    (HERE / "manifest.json").write_text(json.dumps({**versions, **cases}, indent=2) + "\n")


if __name__ == "__main__":
    main()
