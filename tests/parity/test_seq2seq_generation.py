"""Options of generate() and parts of encoder-decoders, compared with transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from trustformers.errors import InputError, UnsupportedError

GOLDENS = Path(__file__).parents[1] / "goldens/seq2seq"
FAMILIES = ["t5", "umt5", "bart", "mbart", "marian", "m2m_100", "pegasus", "blenderbot"]
SEEDS = range(3)
TOLERANCE = 2e-4


def pair(name: str) -> tuple[Any, Any]:
    reference = transformers.AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / name, dtype=torch.float32)
    model = trustformers.AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / name, dtype="float32")
    return model, reference.eval()


@pytest.fixture(scope="module", params=FAMILIES)
def models(request: pytest.FixtureRequest) -> tuple[Any, Any]:
    return pair(request.param)


def sources(seed: int, batch: int = 3) -> dict[str, Any]:
    """Sources of mixed lengths, padded on the right."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(2, 9, (batch, 1), generator=generator)
    mask = (torch.arange(int(lengths.max())) < lengths).long()
    ids = torch.randint(3, 120, mask.shape, generator=generator)
    return {"input_ids": ids * mask + (1 - mask), "attention_mask": mask}


def left_padded(seed: int, pad: int = 1, batch: int = 3) -> dict[str, Any]:
    """Prompts of the decoder of mixed lengths, padded on the left."""
    generator = torch.Generator().manual_seed(100 + seed)
    mask = (torch.arange(5) >= torch.randint(0, 4, (batch, 1), generator=generator)).long()
    mask[seed % batch] = 1
    return {
        "decoder_input_ids": torch.randint(3, 120, (batch, 5), generator=generator) * mask + pad * (1 - mask),
        "decoder_attention_mask": mask,
    }


def greedy(reference: Any, given: dict[str, Any]) -> Any:
    """What the reference generates, without a cache where the cache counts the layers of the wrong stack."""
    layers = {getattr(reference.config, name, None) for name in ("num_layers", "num_decoder_layers")}
    uncached = {"use_cache": False} if reference.config.model_type in {"t5", "umt5"} and len(layers) > 1 else {}
    return reference.generate(**{**given, **uncached, "do_sample": False})


def assert_equal(found: Any, expected: Any) -> None:
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("options", [{}, {"num_beams": 3}, {"use_cache": False}], ids=str)
def test_padded_prompts_of_the_decoder(models: tuple[Any, Any], seed: int, options: dict[str, Any]) -> None:
    model, reference = models
    given = {**sources(seed), **left_padded(seed, model.config.pad_token_id), "max_new_tokens": 6, **options}
    # Without a cache M2M100 of transformers does not count the padding, as it does with one.
    cached = {"use_cache": True} if reference.config.model_type == "m2m_100" else {}
    expected = greedy(reference, given | cached)
    assert_equal(model.generate(**given), expected)
    assert_equal(model.generate_async(**given).result(timeout=60), expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_scores_after_padded_prompts(models: tuple[Any, Any], seed: int) -> None:
    model, reference = models
    recorded = {"return_dict_in_generate": True, "output_logits": True, "max_new_tokens": 4}
    given = {**sources(seed), **left_padded(seed, model.config.pad_token_id), **recorded}
    expected, found = greedy(reference, given), model.generate(**given)
    for ours, theirs in zip(found.logits, expected.logits, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=TOLERANCE)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_assistant_drafts_the_tokens_of_greedy_search(models: tuple[Any, Any], seed: int) -> None:
    model, reference = models
    assistant = type(model)(model.config)
    given = {**sources(seed, 1), "max_new_tokens": 12, "eos_token_id": 7}
    expected = greedy(reference, given)
    for drafting in (assistant, model):
        assert_equal(model.generate(**given, assistant_model=drafting), expected)
    if reference.config.model_type not in {"t5", "umt5"}:
        assert_equal(reference.generate(**given, assistant_model=reference, do_sample=False), expected)
    prompted = {**given, "decoder_input_ids": torch.tensor([[9, 8, 9, 8, 9]])}
    expected = greedy(reference, prompted)
    assert_equal(model.generate(**prompted, prompt_lookup_num_tokens=3), expected)
    assert_equal(model.generate(**prompted, assistant_model=assistant), expected)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["bart", "mbart"])
def test_guidance_of_families_that_shift_the_source(name: str, seed: int) -> None:
    model, reference = pair(name)
    given = {**sources(seed), "max_new_tokens": 5, "guidance_scale": 1.5, "eos_token_id": None}
    recorded = {"return_dict_in_generate": True, "output_scores": True}
    negative = {"negative_prompt_ids": torch.tensor([[5, 6, 7]] * 3)}
    mask = {"negative_prompt_attention_mask": torch.tensor([[1, 1, 1], [1, 1, 0], [1, 0, 0]]), "use_cache": False}
    for options in ({}, negative, {"use_cache": False}, {**negative, "use_cache": False}, {**negative, **mask}):
        expected = reference.generate(**given, **recorded, **options, do_sample=False)
        found = model.generate(**given, **recorded, **options)
        assert_equal(found.sequences, expected.sequences)
        for ours, theirs in zip(found.scores, expected.scores, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-3)
    with pytest.raises(UnsupportedError, match="negative_prompt_attention_mask"):
        model.generate(**given, **negative, negative_prompt_attention_mask=mask["negative_prompt_attention_mask"])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_decoder_is_called_by_itself(models: tuple[Any, Any], seed: int) -> None:
    model, reference = models
    given, target = sources(seed), left_padded(seed, model.config.pad_token_id)
    with torch.no_grad():
        encoded = reference.get_encoder()(**given).last_hidden_state
        expected = reference.get_decoder()(
            target["decoder_input_ids"], encoder_hidden_states=encoded, encoder_attention_mask=given["attention_mask"]
        )
        following = reference.get_decoder()(
            torch.tensor([[3], [4], [5]]),
            encoder_hidden_states=encoded,
            encoder_attention_mask=given["attention_mask"],
            past_key_values=expected.past_key_values,
        )
    decoder = model.get_decoder()
    found = decoder(
        target["decoder_input_ids"],
        encoder_hidden_states=encoded,
        encoder_attention_mask=given["attention_mask"],
        output_attentions=True,
    )
    assert isinstance(found.last_hidden_state, torch.Tensor)
    np.testing.assert_allclose(found.last_hidden_state, expected.last_hidden_state, atol=TOLERANCE)
    again = decoder(torch.tensor([[3], [4], [5]]), past_key_values=found.past_key_values)
    np.testing.assert_allclose(again.last_hidden_state, following.last_hidden_state, atol=TOLERANCE)


@pytest.mark.parametrize("name", ["bart", "blenderbot", "blenderbot_small", "m2m_100", "marian", "mbart", "pegasus"])
def test_targets_are_shifted_by_the_function_of_their_module(name: str) -> None:
    path = f"models.{name}.modeling_{name}"
    ours = __import__(f"trustformers.{path}", fromlist=["shift_tokens_right"]).shift_tokens_right
    theirs = __import__(f"transformers.{path}", fromlist=["shift_tokens_right"]).shift_tokens_right
    labels = torch.tensor([[5, 6, -100, -100], [7, 8, 9, 2]])
    tokens = (1,) if name == "mbart" else (1, 2)
    assert torch.equal(ours(labels, *tokens), theirs(labels, *tokens))
    with pytest.raises((InputError, ValueError), match="pad_token_id"):
        ours(labels, None, *tokens[1:])


def test_t5_shifts_its_labels() -> None:
    model, reference = pair("t5")
    labels = torch.tensor([[5, 6, -100], [7, 8, 1]])
    assert torch.equal(model._shift_right(labels), reference._shift_right(labels))
