"""Hidden states and attention weights of `generate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers
from trustformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = np.array([[9, 14, 22, 31], [0, 0, 11, 7]])
MASK = np.array([[1, 1, 1, 1], [0, 0, 1, 1]])
OPTIONS: dict[str, Any] = {
    "attention_mask": MASK,
    "max_new_tokens": 3,
    "do_sample": False,
    "eos_token_id": 63,
    "pad_token_id": 0,
    "return_dict_in_generate": True,
    "output_hidden_states": True,
    "output_attentions": True,
}


@pytest.fixture(scope="module")
def llama() -> Any:
    return AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / "llama", dtype="float32")


@pytest.fixture(scope="module")
def bart() -> Any:
    return AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / "seq2seq" / "bart", dtype="float32")


def test_each_step_has_the_states_that_a_call_with_its_tokens_gives(llama: Any) -> None:
    output = llama.generate(IDS, **OPTIONS)
    assert [step[0].shape[1] for step in output.hidden_states] == [4, 1, 1]
    assert [step[0].shape[-1] for step in output.attentions] == [4, 5, 6]
    called = llama(output.sequences[:1, :6], output_hidden_states=True, output_attentions=True)
    for layer, states in enumerate(called.hidden_states):
        np.testing.assert_allclose(output.hidden_states[2][layer][0, 0], states[0, 5], atol=1e-5)
    for layer, weights in enumerate(called.attentions):
        np.testing.assert_allclose(output.attentions[1][layer][0], weights[0][:, 4:5, :5], atol=1e-5)


def test_without_a_cache_each_step_has_all_its_tokens(llama: Any) -> None:
    output = llama.generate(IDS, **OPTIONS, use_cache=False)
    assert [step[-1].shape[1] for step in output.hidden_states] == [4, 5, 6]


def test_the_states_of_a_step_of_beams_give_its_logits(llama: Any) -> None:
    output = llama.generate(IDS, **OPTIONS, num_beams=3, output_logits=True)
    head = np.asarray(llama.get_output_embeddings().weight)
    for states, logits in zip(output.hidden_states, output.logits, strict=True):
        np.testing.assert_allclose(states[-1][:, -1] @ head.T, logits, atol=1e-4)


def test_only_what_is_asked_for_is_returned(llama: Any) -> None:
    output = llama.generate(IDS, **OPTIONS | {"output_attentions": False})
    assert output.attentions is None
    assert output.hidden_states is not None
    assert isinstance(llama.generate(IDS, **OPTIONS | {"return_dict_in_generate": False}), np.ndarray)


@pytest.mark.parametrize("beams", [1, 2])
def test_an_encoder_decoder_returns_those_of_both_sides(bart: Any, beams: int) -> None:
    output = bart.generate(IDS, **OPTIONS, num_beams=beams)
    called = bart(IDS, attention_mask=MASK, decoder_input_ids=output.sequences[:, :3], output_attentions=True)
    assert len(output.encoder_hidden_states) == bart.config.encoder_layers + 1
    np.testing.assert_allclose(output.encoder_attentions[0], called.encoder_attentions[0], atol=1e-5)
    assert [step[0].shape[:2] for step in output.decoder_hidden_states[:3]] == [(2 * beams, 1)] * 3
    assert output.cross_attentions[1][0].shape[2:] == (1, 4)
    if beams == 1:
        np.testing.assert_allclose(
            output.cross_attentions[2][0][:, :, 0], called.cross_attentions[0][:, :, 2], atol=1e-5
        )


def test_a_job_in_the_background_returns_them_too(llama: Any) -> None:
    assert len(llama.generate_async(IDS, **OPTIONS).result().attentions) == 3


def test_tensors_in_give_tensors_out(llama: Any) -> None:
    output = llama.generate(trustformers.Tensor(IDS), **OPTIONS)
    assert isinstance(output.hidden_states[1][0], trustformers.Tensor)
