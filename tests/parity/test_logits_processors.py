"""The ready-made processors and criteria beside those of transformers, called alone and in `generate`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from transformers.generation import logits_process as reference
from trustformers import Tensor
from trustformers.generation import logits_process as ours

GOLDENS = Path(__file__).parent.parent / "goldens"
VOCAB = 83
rng = np.random.default_rng(0)
IDS = torch.tensor(rng.integers(0, VOCAB, (4, 9)))
IDS[:, 4:6] = IDS[:, :2]
IDS[:, -1] = IDS[:, 0]
SCORES = torch.tensor(rng.normal(size=(4, VOCAB)).astype(np.float32) * 3)
SCORES[1, 5] = -torch.inf

# A class of both libraries, from its name and arguments.
Made = Callable[[Any], Any]


def make(name: str, *args: Any, **kwargs: Any) -> Made:
    return lambda library: getattr(library, name)(*args, **kwargs)


CASES: dict[str, Made] = {
    "temperature": make("TemperatureLogitsWarper", 0.7),
    "top_k": make("TopKLogitsWarper", 5),
    "top_k_filter": make("TopKLogitsWarper", 2, filter_value=-50.0, min_tokens_to_keep=4),
    "top_p": make("TopPLogitsWarper", 0.8),
    "top_p_kept": make("TopPLogitsWarper", 0.1, min_tokens_to_keep=6),
    "top_h": make("TopHLogitsWarper", 0.4),
    "min_p": make("MinPLogitsWarper", 0.2),
    "min_p_kept": make("MinPLogitsWarper", 0.9, min_tokens_to_keep=3),
    "typical": make("TypicalLogitsWarper", 0.5),
    "epsilon": make("EpsilonLogitsWarper", 0.02),
    "eta": make("EtaLogitsWarper", 0.05, min_tokens_to_keep=2),
    "repetition": make("RepetitionPenaltyLogitsProcessor", 1.7),
    "repetition_ignored": make("RepetitionPenaltyLogitsProcessor", 1.7, prompt_ignore_length=4),
    "repetition_rows": make("RepetitionPenaltyLogitsProcessor", 0.6, torch.tensor([0, 2, 5, 8])),
    "encoder_repetition": make("EncoderRepetitionPenaltyLogitsProcessor", 1.4, IDS[:2, :3]),
    "no_repeat": make("NoRepeatNGramLogitsProcessor", 2),
    "no_repeat_1": make("NoRepeatNGramLogitsProcessor", 1),
    "encoder_no_repeat": make("EncoderNoRepeatNGramLogitsProcessor", 2, IDS[:2, :6]),
    "bias": make("SequenceBiasLogitsProcessor", {(3,): 2.0, (int(IDS[0, -1]), 7): -4.0, (int(IDS[2, -1]), 3): 1.5}),
    "bias_list": make("SequenceBiasLogitsProcessor", [[[3], 2.0], [[9, 9], -4.0]]),
    "bad_words": make("NoBadWordsLogitsProcessor", [[3], [2], [int(IDS[1, -1]), 9]], eos_token_id=2),
    "min_length": make("MinLengthLogitsProcessor", 10, 2),
    "min_new": make("MinNewTokensLengthLogitsProcessor", 5, 4, torch.tensor([2, 3])),
    "forced_bos": make("ForcedBOSTokenLogitsProcessor", 4),
    "forced_eos": make("ForcedEOSTokenLogitsProcessor", 10, [2, 3]),
    "remove_invalid": make("InfNanRemoveLogitsProcessor"),
    "decay": make("ExponentialDecayLengthPenalty", (2, 1.3), [2, 5], 3),
    "normalization": make("LogitNormalization"),
    "suppress": make("SuppressTokensLogitsProcessor", [1, 5, 8]),
    "suppress_begin": make("SuppressTokensAtBeginLogitsProcessor", [1, 5, 8], 9),
    "prefix": make("PrefixConstrainedLogitsProcessor", lambda batch, ids: [batch, int(ids[-1]), 5], 2),
    "watermark": make("WatermarkLogitsProcessor", VOCAB, "cpu"),
    "watermark_self": make("WatermarkLogitsProcessor", VOCAB, "cpu", seeding_scheme="selfhash", context_width=3),
}


@pytest.mark.parametrize("name", CASES)
def test_scores_are_those_of_transformers(name: str) -> None:
    expected = CASES[name](reference)(IDS, SCORES.clone())
    given = SCORES.clone()
    found = CASES[name](ours)(IDS, given)
    assert isinstance(found, torch.Tensor) and found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)
    assert torch.equal(given, SCORES)
    array = CASES[name](ours)(IDS.numpy(), SCORES.numpy())
    assert isinstance(array, np.ndarray) and array.dtype == np.float32
    np.testing.assert_array_equal(array, found.numpy())
    tensor = CASES[name](ours)(Tensor.from_numpy(IDS.numpy()), Tensor.from_numpy(SCORES.numpy()))
    assert isinstance(tensor, Tensor)
    np.testing.assert_array_equal(tensor.numpy(), array)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("name", ["temperature", "top_k", "repetition", "min_length", "bias"])
def test_scores_keep_their_dtype(name: str, dtype: torch.dtype) -> None:
    scores = SCORES.to(dtype)
    expected = CASES[name](reference)(IDS, scores.clone())
    found = CASES[name](ours)(IDS, scores)
    assert found.dtype == dtype
    torch.testing.assert_close(found, expected.to(dtype), rtol=1e-2 if dtype == torch.bfloat16 else 1e-3, atol=1e-3)


def test_classes_have_the_arguments_of_transformers() -> None:
    import inspect

    for name in set(ours.__all__) - {"SynthIDTextWatermarkLogitsProcessor"}:
        expected = inspect.signature(getattr(reference, name).__init__).parameters
        found = inspect.signature(getattr(ours, name).__init__).parameters
        assert [*expected] == [*found], name
        for key, parameter in expected.items():
            if key != "device":
                assert parameter.default == found[key].default, (name, key)


INVALID: dict[str, Made] = {
    "temperature": make("TemperatureLogitsWarper", 0.0),
    "top_k": make("TopKLogitsWarper", 0),
    "top_p": make("TopPLogitsWarper", 1.5),
    "kept": make("TopPLogitsWarper", 0.5, min_tokens_to_keep=0),
    "min_p": make("MinPLogitsWarper", -0.1),
    "top_h": make("TopHLogitsWarper", 0.0),
    "typical": make("TypicalLogitsWarper", 1.0),
    "epsilon": make("EpsilonLogitsWarper", 0.0),
    "eta": make("EtaLogitsWarper", 1.0),
    "penalty": make("RepetitionPenaltyLogitsProcessor", -1.0),
    "ngram": make("NoRepeatNGramLogitsProcessor", 0),
    "bias": make("SequenceBiasLogitsProcessor", {}),
    "words": make("NoBadWordsLogitsProcessor", []),
    "min": make("MinLengthLogitsProcessor", -1, 2),
    "forced": make("ForcedEOSTokenLogitsProcessor", 5, -2),
    "guidance": make("ClassifierFreeGuidanceLogitsProcessor", 1.0),
    "watermark": make("WatermarkLogitsProcessor", VOCAB, "cpu", greenlist_ratio=1.0),
}


@pytest.mark.parametrize("name", INVALID)
def test_invalid_arguments_are_value_errors_as_in_transformers(name: str) -> None:
    for library in (reference, ours):
        with pytest.raises(ValueError):
            INVALID[name](library)


@pytest.fixture(scope="module")
def models() -> tuple[Any, Any]:
    checkpoint = GOLDENS / "decoders" / "llama"
    expected = transformers.AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32).eval()
    return expected, trustformers.AutoModelForCausalLM.from_pretrained(checkpoint, dtype="float32")


PROMPTS = torch.tensor([[0, 0, 11, 7], [9, 14, 22, 31]])
MASK = torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1]])
OPTIONS = {"attention_mask": MASK, "pad_token_id": 0, "max_new_tokens": 12}


def both(models: tuple[Any, Any], processors: Callable[[Any, Any], Any], **kwargs: Any) -> tuple[Any, Any]:
    """What both models generate with the processors of their library."""
    options = {**OPTIONS, **kwargs}
    expected = models[0].generate(PROMPTS, logits_processor=processors(reference, transformers), **options)
    found = models[1].generate(PROMPTS, logits_processor=processors(ours, trustformers), **options)
    return found, expected


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize("name", [name for name in CASES if name not in {"prefix", "repetition_rows", "bias"}])
def test_generation_with_one_processor_equals_transformers(models: tuple[Any, Any], name: str, beams: int) -> None:
    def processors(library: Any, package: Any) -> Any:
        made = CASES[name](library)
        if "encoder" in name:
            made = type(made)(2 if "no_repeat" in name else 1.4, PROMPTS)
        return package.LogitsProcessorList([made])

    found, expected = both(models, processors, num_beams=beams)
    assert torch.equal(found, expected)


def test_an_overridden_call_is_used(models: tuple[Any, Any]) -> None:
    def processors(library: Any, _package: Any) -> Any:
        class Odd(library.TemperatureLogitsWarper):
            def __call__(self, input_ids: Any, scores: Any) -> Any:
                scores = super().__call__(input_ids, scores)
                scores[:, ::2] = -float("inf")
                return scores

        return [Odd(0.5), library.RepetitionPenaltyLogitsProcessor(1.3)]

    found, expected = both(models, processors)
    assert torch.equal(found, expected) and bool((found[:, 4:] % 2 == 1).logical_or(found[:, 4:] == 0).all())


@pytest.mark.parametrize("beams", [1, 2])
def test_processors_see_the_padded_batch(models: tuple[Any, Any], beams: int) -> None:
    def processors(seen: list[Any]) -> Any:
        def process(input_ids: Any, scores: Any) -> Any:
            seen.append((input_ids.clone(), tuple(scores.shape)))
            scores = scores.clone()
            scores[:, input_ids[:, -1] % 7] += 3
            return scores

        return [process]

    expected, found = [], []
    options: dict[str, Any] = {**OPTIONS, "num_beams": beams, "eos_token_id": [2, 5, 8, 11, 30]}
    theirs = models[0].generate(PROMPTS, logits_processor=processors(expected), **options)
    own = models[1].generate(PROMPTS, logits_processor=processors(found), **options)
    assert torch.equal(own, theirs)
    if beams == 1:
        assert len(found) == len(expected)
    for (ids, shape), (other_ids, other_shape) in zip(found, expected, strict=False):
        assert torch.equal(ids, other_ids) and shape == other_shape


def test_a_processor_takes_the_place_of_the_argument_that_it_stands_for(models: tuple[Any, Any]) -> None:
    def processors(library: Any, _package: Any) -> Any:
        return [library.RepetitionPenaltyLogitsProcessor(1.1), library.NoRepeatNGramLogitsProcessor(4)]

    found, expected = both(models, processors, repetition_penalty=9.0, no_repeat_ngram_size=1)
    assert torch.equal(found, expected)


@pytest.mark.parametrize("use_cache", [True, False])
def test_guidance_equals_transformers(models: tuple[Any, Any], use_cache: bool) -> None:
    options: dict[str, Any] = {**OPTIONS, "guidance_scale": 1.8, "use_cache": use_cache, "repetition_penalty": 1.2}
    negative = torch.tensor([[5, 6], [7, 8]])
    for given in ({}, {"negative_prompt_ids": negative, "negative_prompt_attention_mask": torch.ones_like(negative)}):
        expected = models[0].generate(PROMPTS, **options, **given)
        assert torch.equal(models[1].generate(PROMPTS, **options, **given), expected)


@pytest.mark.parametrize("scheme", ["lefthash", "selfhash"])
def test_watermarks_are_those_of_transformers(models: tuple[Any, Any], scheme: str) -> None:
    found = {}
    for model, package in zip(models, (transformers, trustformers), strict=True):
        config = package.WatermarkingConfig(bias=4.0, seeding_scheme=scheme, context_width=1)
        ids = model.generate(PROMPTS[1:], watermarking_config=config, max_new_tokens=25, pad_token_id=0)
        detector = package.WatermarkDetector(model.config, "cpu", config)
        output = detector(ids, return_dict=True)
        found[package.__name__] = [ids.tolist(), *(np.asarray(getattr(output, name)) for name in vars(output))]
        assert bool(detector(ids)[0])
    for own, expected in zip(found["trustformers"], found["transformers"], strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-6)


def test_criteria_are_those_of_transformers() -> None:
    ids = torch.tensor([[1, 2, 3], [4, 5, 6]])
    for package in (transformers, trustformers):
        from_list = package.generation.StoppingCriteriaList(
            [
                package.generation.MaxLengthCriteria(4),
                package.generation.EosTokenCriteria([6, 7]),
                package.generation.MaxTimeCriteria(60.0),
            ]
        )
        found = from_list(ids, None)
        assert found.dtype == torch.bool and found.tolist() == [False, True]
        assert from_list.max_length == 4
        assert package.generation.MaxLengthCriteria(3)(ids, None).tolist() == [True, True]
        confidence = package.generation.ConfidenceCriteria(0.5)
        assert confidence(ids, (torch.zeros(1, 9),)) and not confidence(ids, (10.0 * torch.eye(9)[3:4],))
        copied = package.generation.validate_stopping_criteria(package.generation.StoppingCriteriaList(), 9)
        assert copied.max_length == 9
        with pytest.warns(UserWarning):
            package.generation.validate_stopping_criteria(copied, 10)


def test_stop_strings_are_found_where_transformers_finds_them() -> None:
    checkpoint = GOLDENS / "tokenizers" / "byte_level_bpe"
    theirs = transformers.AutoTokenizer.from_pretrained(checkpoint)
    own = trustformers.AutoTokenizer.from_pretrained(checkpoint)
    text = "The quick brown fox. It stopped, and then it went on; the end.\n\nStop here."
    ids = theirs(text, return_tensors="pt").input_ids
    strings = ["stop", "end.", ". It", "\n\n", "it went"]
    expected = transformers.generation.StopStringCriteria(theirs, strings)
    for criterion in (trustformers.StopStringCriteria(own, strings), trustformers.StopStringCriteria(theirs, strings)):
        for length in range(1, ids.shape[1] + 1):
            assert criterion(ids[:, :length], None).tolist() == expected(ids[:, :length], None).tolist(), length


def test_criteria_end_single_rows(models: tuple[Any, Any]) -> None:
    def criteria(seen: list[Any]) -> Any:
        def third(input_ids: Any, scores: Any, **_kwargs: Any) -> Any:
            seen.append((input_ids.clone(), scores))
            return input_ids[:, -1] % 3 == 0

        return [third]

    for extra in ({}, {"return_dict_in_generate": True, "output_scores": True}):
        expected, found = [], []
        options: dict[str, Any] = {**OPTIONS, **extra, "eos_token_id": 2, "max_new_tokens": 20}
        theirs = models[0].generate(PROMPTS, stopping_criteria=criteria(expected), **options)
        own = models[1].generate(PROMPTS, stopping_criteria=criteria(found), **options)
        assert torch.equal(own.sequences if extra else own, theirs.sequences if extra else theirs)
        assert len(found) == len(expected)
        for (ids, scores), (other_ids, other_scores) in zip(found, expected, strict=True):
            assert torch.equal(ids, other_ids)
            if not extra:
                assert scores is None and not other_scores
                continue
            assert len(scores) == len(other_scores)
            torch.testing.assert_close(scores[0], other_scores[0], rtol=1e-4, atol=1e-5)


def test_a_length_criterion_replaces_the_default_length(models: tuple[Any, Any]) -> None:
    for length in (30, 6, 2):
        expected, found = (
            model.generate(
                PROMPTS,
                attention_mask=MASK,
                pad_token_id=0,
                eos_token_id=None,
                stopping_criteria=[package.MaxLengthCriteria(length)],
            )
            for model, package in zip(models, (transformers, trustformers), strict=True)
        )
        assert torch.equal(found, expected)


def test_streamers_get_what_transformers_puts(models: tuple[Any, Any]) -> None:
    class Recorder(trustformers.generation.BaseStreamer):
        def __init__(self) -> None:
            self.values: list[Any] = []

        def put(self, value: Any) -> None:
            assert isinstance(value, torch.Tensor)
            self.values.append(value.tolist())

        def end(self) -> None:
            self.values.append("end")

    recorders = [Recorder(), Recorder()]
    for model, recorder in zip(models, recorders, strict=True):
        model.generate(PROMPTS[1:], streamer=recorder, max_new_tokens=5, pad_token_id=0)
    assert recorders[0].values == recorders[1].values


def test_texts_are_streamed_to_an_event_loop(models: tuple[Any, Any]) -> None:
    checkpoint = GOLDENS / "tokenizers" / "byte_level_bpe"
    texts = []
    for model, package in zip(models, (transformers, trustformers), strict=True):
        tokenizer = package.AutoTokenizer.from_pretrained(checkpoint)

        async def collect(model: Any = model, package: Any = package, tokenizer: Any = tokenizer) -> list[str]:
            streamer = package.AsyncTextIteratorStreamer(tokenizer, skip_prompt=True, timeout=60)
            options = {"streamer": streamer, "max_new_tokens": 20, "pad_token_id": 0}
            thread = threading.Thread(target=model.generate, args=(PROMPTS[1:],), kwargs=options)
            thread.start()
            pieces = [piece async for piece in streamer]
            thread.join()
            return pieces

        texts.append(asyncio.run(collect()))
    assert texts[0] == texts[1] and any(texts[0])
