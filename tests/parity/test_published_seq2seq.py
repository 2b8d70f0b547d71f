"""Encoder-decoders with the keys of published `config.json` files, and weights as published files hold them.

The keys of `published_seq2seq.json` are those of published files, with smaller sizes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from safetensors.torch import save_file

CONFIGS: dict[str, Any] = json.loads((Path(__file__).parent / "published_seq2seq.json").read_text())
FILES = ("safetensors", "bin", "duplicates", "unprefixed", "float16")
KEYS = (
    "bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id", "forced_bos_token_id",
    "forced_eos_token_id", "num_beams", "max_length", "min_length", "length_penalty", "no_repeat_ngram_size",
    "bad_words_ids", "early_stopping", "encoder_no_repeat_ngram_size",
)  # fmt: skip


def head_of(config: dict[str, Any]) -> str:
    is_classifier = "Classification" in config["architectures"][0]
    return "AutoModelForSequenceClassification" if is_classifier else "AutoModelForSeq2SeqLM"


def weights_of(config: dict[str, Any], directory: Path) -> dict[str, torch.Tensor]:
    torch.manual_seed(len(config))
    model = getattr(transformers, head_of(config)).from_config(transformers.AutoConfig.from_pretrained(directory))
    for parameter in model.parameters():
        parameter.data += torch.randn_like(parameter) * (0.2 if parameter.dim() > 1 else 0.1)
    return {name: tensor.clone().contiguous() for name, tensor in model.state_dict().items()}


def write(config: dict[str, Any], kind: str, directory: Path) -> None:
    (directory / "config.json").write_text(json.dumps(config))
    weights, is_t5 = weights_of(config, directory), "t5" in config["model_type"]
    if kind == "duplicates" and is_t5:
        table = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
        weights[table] = torch.randn(config["relative_attention_num_buckets"], config["num_heads"])
    elif kind == "duplicates":
        weights |= {f"model.{side}.version": torch.tensor([3.0]) for side in ("encoder", "decoder")}
    else:
        copies = ("embed_tokens.weight", "lm_head.weight")
        weights = {name: tensor for name, tensor in weights.items() if not name.endswith(copies)}
    if kind == "unprefixed":
        if is_t5 or head_of(config) != "AutoModelForSeq2SeqLM":
            pytest.skip("has no base model of its own")
        weights = {name.removeprefix("model."): weights[name] for name in weights if name.startswith("model.")}
    if kind == "float16":
        weights = {name: tensor.half() for name, tensor in weights.items()}
    if kind == "bin":
        torch.save(weights, directory / "pytorch_model.bin")
    else:
        save_file(weights, directory / "model.safetensors", {"format": "pt"})


def outputs(library: Any, config: dict[str, Any], directory: Path) -> dict[str, Any]:
    model = getattr(library, head_of(config)).from_pretrained(directory, dtype=torch.float32).eval()
    ids = torch.from_numpy(np.random.default_rng(5).integers(5, 120, (2, 11)))
    ids[0, -1] = ids[1, 6] = config["eos_token_id"]
    ids[1, 7:] = config["pad_token_id"]
    inputs = {"input_ids": ids, "attention_mask": torch.tensor([[1] * 11, [1] * 7 + [0] * 4])}
    with torch.no_grad():
        if not hasattr(model, "generate") or head_of(config) != "AutoModelForSeq2SeqLM":
            return {"logits": model(**inputs).logits, "labels": dict(model.config.id2label)}
        start = config.get("decoder_start_token_id", 2)
        settings = model.generation_config
        return {
            "logits": model(**inputs, decoder_input_ids=torch.tensor([[start, 9, 10], [start, 5, 60]])).logits,
            "generated": model.generate(**inputs),
            "greedy": model.generate(**inputs, num_beams=1, max_new_tokens=8, do_sample=False),
            "forced": model.generate(**inputs, forced_bos_token_id=9, max_new_tokens=6),
            "settings": {key: getattr(settings, key, None) for key in KEYS},
        }


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("name", CONFIGS)
def test_published_models_give_the_same(name: str, kind: str, tmp_path: Path) -> None:
    config = CONFIGS[name]
    write(config, kind, tmp_path)
    expected, found = (outputs(library, config, tmp_path) for library in (transformers, trustformers))
    assert expected.keys() == found.keys()
    for key, value in expected.items():
        if not isinstance(value, torch.Tensor):
            assert value == found[key], key
        elif value.is_floating_point():
            torch.testing.assert_close(found[key], value, atol=2e-4, rtol=1e-4)
        else:
            assert torch.equal(found[key], value), key
