"""Hidden states and attention weights that `generate` returns, with the models of both libraries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = torch.tensor([[9, 14, 22, 31, 8], [0, 0, 11, 7, 13]])
MASK = torch.tensor([[1, 1, 1, 1, 1], [0, 0, 1, 1, 1]])
DECODERS = ("llama", "gpt2", "opt", "bloom", "gptj", "qwen3", "gemma2", "gpt_oss", "mistral")
SEQ2SEQ = ("bart", "marian", "m2m_100", "pegasus")
FIELDS = (
    "sequences", "hidden_states", "attentions", "decoder_hidden_states", "decoder_attentions", "cross_attentions",
    "encoder_hidden_states", "encoder_attentions",
)  # fmt: skip


def _flat(value: Any) -> list[np.ndarray]:
    if value is None:
        return []
    if isinstance(value, (tuple, list)):
        return [array for item in value for array in _flat(item)]
    return [value.detach().numpy()]


def _compare(directory: Path, auto: str, options: dict[str, Any]) -> None:
    found = []
    for library in (transformers, trustformers):
        model = getattr(library, auto).from_pretrained(directory, dtype=torch.float32)
        if library is transformers:
            model.set_attn_implementation("eager")
        model.eval()
        options = {"pad_token_id": 0, "attention_mask": MASK, **options}
        found.append(
            model.generate(
                IDS.clone(),
                return_dict_in_generate=True,
                output_hidden_states=True,
                output_attentions=True,
                max_new_tokens=5,
                **options,
            )
        )
    expected, actual = found
    assert type(expected).__name__ == type(actual).__name__
    for name in FIELDS:
        left, right = getattr(expected, name, None), getattr(actual, name, None)
        assert (left is None) == (right is None), name
        wanted, given = _flat(left), _flat(right)
        assert [array.shape for array in wanted] == [array.shape for array in given], name
        for one, other in zip(wanted, given, strict=True):
            visible = other != 0  # outputs at padding are zero
            np.testing.assert_allclose(other[visible], one[visible], atol=2e-4, rtol=1e-4, err_msg=name)
            assert visible.mean() > 0.3 or one.size < 8, name


MODES = [
    {"do_sample": False},
    {"do_sample": False, "use_cache": False},
    {"num_beams": 3, "do_sample": False, "eos_token_id": 63, "num_return_sequences": 2},
]


@pytest.mark.parametrize("mode", MODES, ids=["greedy", "whole", "beams"])
@pytest.mark.parametrize("family", DECODERS)
def test_decoders_return_the_intermediates_of_every_step(family: str, mode: dict[str, Any]) -> None:
    _compare(GOLDENS / "decoders" / family, "AutoModelForCausalLM", mode)


@pytest.mark.parametrize("mode", MODES, ids=["greedy", "whole", "beams"])
@pytest.mark.parametrize("family", SEQ2SEQ)
def test_encoder_decoders_return_the_intermediates_of_every_step(family: str, mode: dict[str, Any]) -> None:
    _compare(GOLDENS / "seq2seq" / family, "AutoModelForSeq2SeqLM", mode)


@pytest.mark.parametrize("mode", MODES, ids=["greedy", "whole", "beams"])
def test_t5_returns_the_intermediates_of_every_step(mode: dict[str, Any], tmp_path: Path) -> None:
    torch.manual_seed(3)
    # The cache of transformers has room for as many layers as the encoder has.
    sizes = {"d_model": 24, "d_ff": 40, "num_layers": 3, "num_heads": 3, "d_kv": 8, "vocab_size": 64}
    config = transformers.T5Config(**sizes, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1)
    transformers.T5ForConditionalGeneration(config).save_pretrained(tmp_path)
    _compare(tmp_path, "AutoModelForSeq2SeqLM", mode)


def test_a_cache_leaves_its_tokens_out_of_the_first_step() -> None:
    found = []
    for library in (transformers, trustformers):
        model = library.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / "llama", dtype=torch.float32)
        cache = library.DynamicCache()
        with torch.no_grad():
            model(IDS[:1, :3], past_key_values=cache)
        output = model.generate(
            IDS[:1],
            past_key_values=cache,
            max_new_tokens=3,
            do_sample=False,
            return_dict_in_generate=True,
            output_hidden_states=True,
        )
        found.append([layer for step in output.hidden_states for layer in step])
    assert [tuple(layer.shape) for layer in found[0]] == [tuple(layer.shape) for layer in found[1]]
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=2e-4, rtol=1e-4)
