"""Ready-made processors, criteria and streamers without torch; tests/parity compares them with transformers."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import AutoModelForCausalLM, AutoTokenizer, Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation import (
    ConfidenceCriteria,
    GenerationMode,
    WatermarkDetectorOutput,
    logits_process,
    outputs,
    validate_stopping_criteria,
)

GOLDENS = Path(__file__).parents[1] / "goldens"
IDS = np.array([[1, 2, 3, 1], [4, 5, 4, 5]])
SCORES = np.array([[1.0, 2.0, 3.0, 4.0, -1.0, -2.0], [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]], np.float32)
NONE = -np.inf


@pytest.fixture(scope="module")
def model() -> Any:
    return AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / "llama", dtype="float32")


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(GOLDENS / "tokenizers" / "byte_level_bpe")


def test_scores_stay_in_their_library_and_dtype() -> None:
    warper = tf.TopKLogitsWarper(2, filter_value=-9.0)
    expected = [[-9, -9, 3, 4, -9, -9], [-9, -9, -9, -9, 4, 5]]
    for dtype in (np.float16, np.float32, np.float64):
        found = warper(IDS, SCORES.astype(dtype))
        assert found.dtype == dtype and found.tolist() == expected
    tensor = warper(Tensor.from_numpy(IDS), Tensor.from_numpy(SCORES).bfloat16())
    assert isinstance(tensor, Tensor) and tensor.dtype == "bfloat16" and tensor.float().tolist() == expected
    exact = np.full((1, 3), 0.1)
    assert tf.TopKLogitsWarper(3)([[1]], exact)[0, 0] == 0.1


def test_scores_of_the_caller_do_not_change() -> None:
    before = SCORES.copy()
    found = tf.SuppressTokensLogitsProcessor([0, 3])(IDS, SCORES)
    np.testing.assert_array_equal(SCORES, before)
    np.testing.assert_array_equal(found == NONE, [[True, False, False, True, False, False]] * 2)


def test_parameters_can_be_assigned() -> None:
    processor = tf.SuppressTokensAtBeginLogitsProcessor([2], begin_index=3)
    np.testing.assert_array_equal(processor(IDS, SCORES), SCORES)
    processor.set_begin_index(4)
    assert processor(IDS, SCORES)[0, 2] == NONE
    warper = tf.TemperatureLogitsWarper(2.0)
    warper.temperature = 4.0
    np.testing.assert_array_equal(warper(IDS, SCORES), SCORES / 4)


def test_a_list_passes_the_arguments_that_a_processor_names() -> None:
    class Shifted(tf.LogitsProcessor):
        def __call__(self, input_ids: Any, scores: Any, shift: float = 0.0) -> Any:
            return scores + shift

    processors = tf.LogitsProcessorList([tf.TemperatureLogitsWarper(0.5), Shifted()])
    np.testing.assert_array_equal(processors(IDS, SCORES, shift=1.0), SCORES * 2 + 1)
    with pytest.raises(InputError, match="shift"):
        processors(IDS, SCORES)


def test_shapes_and_types_that_do_not_fit_are_named() -> None:
    warper = tf.TopPLogitsWarper(0.5)
    cases: list[tuple[Any, Any, str]] = [
        (IDS, SCORES[0], "scores.*two dimensions"),
        (IDS[0], SCORES, "input_ids.*two dimensions"),
        (IDS[:1], SCORES, "scores: have 2 rows, input_ids 1"),
        (IDS.astype(np.float32), SCORES, "input_ids.*integers"),
    ]
    for ids, scores, message in cases:
        with pytest.raises(InputError, match=message):
            warper(ids, scores)
    with pytest.raises(InputError, match="vocabulary of 6"):
        tf.SequenceBiasLogitsProcessor({(9,): 1.0})(IDS, SCORES)
    with pytest.raises(InputError, match="prompt_ignore_length"):
        tf.RepetitionPenaltyLogitsProcessor(2.0, [1, 2, 3])(IDS, SCORES)


def test_exceptions_of_an_allowing_function_are_raised() -> None:
    processor = tf.PrefixConstrainedLogitsProcessor(lambda _prompt, _ids: [1 // 0], 1)
    with pytest.raises(ZeroDivisionError):
        processor(IDS, SCORES)
    with pytest.raises(InputError, match="prefix_allowed_tokens_fn"):
        tf.PrefixConstrainedLogitsProcessor(lambda _prompt, _ids: "ab", 1)(IDS, SCORES)


PADDED: dict[str, Any] = {"inputs": [[0, 0, 11, 7], [9, 14, 22, 31]], "attention_mask": [[0, 0, 1, 1], [1] * 4]}


def test_the_engine_runs_processors_of_its_own(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    processors = [tf.RepetitionPenaltyLogitsProcessor(1.4), tf.NoRepeatNGramLogitsProcessor(2)]

    class Other(tf.LogitsProcessor):
        def __call__(self, input_ids: Any, scores: Any) -> Any:
            return scores

    from_python = model.generate(**PADDED, max_new_tokens=12, logits_processor=[*processors, Other()])
    plain = model.generate(**PADDED, max_new_tokens=12)
    monkeypatch.setattr(logits_process, "as_matrix", lambda *_: pytest.fail("called from Python"))
    in_engine = model.generate(**PADDED, max_new_tokens=12, logits_processor=processors)
    np.testing.assert_array_equal(in_engine, from_python)
    assert (in_engine != plain).any()


def test_state_of_rows_is_kept_over_the_steps(model: Any) -> None:
    class Forced(tf.LogitsProcessor):
        """Forces a list of tokens for each row."""

        tokens = ((5, 6, 8), (9,))

        def __call__(self, input_ids: Any, scores: Any) -> Any:
            step = input_ids.shape[1] - 4
            for row, tokens in enumerate(self.tokens):
                if step < len(tokens):
                    scores[row] = np.where(np.arange(scores.shape[1]) == tokens[step], 0, NONE)
            return scores

    found = model.generate(**PADDED, max_new_tokens=5, logits_processor=[Forced()])
    assert found[0, 4:7].tolist() == [5, 6, 8] and found[1, 4] == 9


def test_tensors_in_give_tensors_to_functions(model: Any) -> None:
    seen = []

    def process(ids: Any, scores: Any) -> Any:
        seen.append((ids, scores))
        return scores * 1

    model.generate(Tensor.from_numpy(IDS), max_new_tokens=2, logits_processor=[process])
    assert all(isinstance(one, Tensor) for pair in seen for one in pair)


def test_criteria_decide_for_each_row(model: Any) -> None:
    ids = np.array([[1, 2, 3], [4, 5, 6]])
    criteria = tf.StoppingCriteriaList([tf.MaxLengthCriteria(4), tf.EosTokenCriteria([6])])
    assert criteria(ids, None).dtype == np.bool_ and criteria(ids, None).tolist() == [False, True]
    assert tf.MaxLengthCriteria(3)(Tensor.from_numpy(ids), None).tolist() == [True, True]
    assert tf.EosTokenCriteria(5)(ids, None, new_token_length=2).tolist() == [False, True]
    assert ConfidenceCriteria(0.5)(ids, (np.zeros((1, 9)),))
    assert validate_stopping_criteria(tf.StoppingCriteriaList(), 7).max_length == 7

    found = model.generate(
        **PADDED, max_new_tokens=9, eos_token_id=2, pad_token_id=0, stopping_criteria=[lambda ids, _: [False, True]]
    )
    assert found[1, 5:].tolist() == [0] * 8 and (found[0, 5:] != 0).any()
    with pytest.raises(InputError, match="each of 2 sequences"):
        model.generate(**PADDED, stopping_criteria=[lambda *_: [True, False, True]])


def test_stop_strings_are_decoded(tokenizer: Any) -> None:
    ids = tokenizer("It stopped. And on", return_tensors="np").input_ids
    criterion = tf.StopStringCriteria(tokenizer, "ped. A")
    ends = [bool(criterion(ids[:, :length], None)[0]) for length in range(1, ids.shape[1] + 1)]
    at = ends.index(True)
    assert ends.count(True) == 1 and "ped. A" in tokenizer.decode(ids[0, : at + 1])
    with pytest.raises(InputError, match="stop_strings"):
        tf.StopStringCriteria(tokenizer, [])
    with pytest.raises(ZeroDivisionError):
        tf.StopStringCriteria(_Broken(), "a")(ids, None)


class _Broken:
    def decode(self, *_args: Any, **_kwargs: Any) -> str:
        return str(1 // 0)


def test_text_is_streamed_to_an_event_loop(model: Any, tokenizer: Any) -> None:
    async def streamed() -> str:
        streamer = tf.AsyncTextIteratorStreamer(tokenizer, skip_prompt=True, timeout=60)
        options = {"max_new_tokens": 8, "streamer": streamer}
        thread = threading.Thread(target=model.generate, args=([[5, 6, 7]],), kwargs=options)
        thread.start()
        text = "".join([piece async for piece in streamer])
        thread.join()
        return text

    async def too_late() -> None:
        await anext(tf.AsyncTextIteratorStreamer(tokenizer, timeout=0.01))

    new = model.generate([[5, 6, 7]], max_new_tokens=8)[0, 3:].tolist()
    assert asyncio.run(streamed()) == tokenizer.decode(new)
    with pytest.raises(TimeoutError, match=r"0\.01 seconds"):
        asyncio.run(too_late())
    with pytest.raises(RuntimeError):
        tf.AsyncTextIteratorStreamer(tokenizer)


def test_streamers_keep_the_tokens_of_unfinished_text(tokenizer: Any) -> None:
    streamer = tf.TextIteratorStreamer(tokenizer, skip_prompt=True)
    assert (streamer.token_cache, streamer.print_len, streamer.next_tokens_are_prompt) == ([], 0, True)
    streamer.put(np.array([[1, 2]]))
    ids = tokenizer("two words").input_ids
    streamer.put(np.array(ids))
    assert streamer.token_cache == ids and streamer.print_len == 4 and not streamer.next_tokens_are_prompt
    streamer.end()
    assert streamer.token_cache == [] and streamer.next_tokens_are_prompt


def test_a_watermark_is_detected(model: Any) -> None:
    config = tf.WatermarkingConfig(bias=6.0)
    detector = tf.WatermarkDetector(model.config, "cpu", config)
    marked = model.generate([[5, 6, 7]], max_new_tokens=30, watermarking_config=config, eos_token_id=None)
    output = detector(marked[:, 3:], return_dict=True)
    assert isinstance(output, WatermarkDetectorOutput) and output.z_score is not None
    assert bool(detector(marked[:, 3:])[0]) and output.z_score[0] > 3
    plain = model.generate([[5, 6, 7]], max_new_tokens=30, eos_token_id=None)
    assert not detector(plain[:, 3:])[0]
    with pytest.raises(InputError, match="more than 1"):
        detector([[5]])
    with pytest.raises(InputError, match="seeding_scheme"):
        tf.GenerationConfig(watermarking_config=tf.WatermarkingConfig(seeding_scheme="none"))
    for refused in (tf.SynthIDTextWatermarkingConfig, tf.SynthIDTextWatermarkLogitsProcessor):
        with pytest.raises(UnsupportedError, match=r"SynthID.*WatermarkingConfig"):
            refused(5, [1, 2])
    with pytest.raises(UnsupportedError, match="SynthID"):
        model.generate([[5]], watermarking_config={"ngram_len": 5, "keys": [1, 2]})


def test_configurations_have_the_methods_of_transformers(tmp_path: Path) -> None:
    config = tf.GenerationConfig(do_sample=True, watermarking_config={"bias": 3.0}, compile_config=tf.CompileConfig())
    assert isinstance(config.watermarking_config, tf.WatermarkingConfig) and config.watermarking_config.bias == 3.0
    assert config.to_dict()["watermarking_config"]["greenlist_ratio"] == 0.25
    assert config.get_generation_mode() is GenerationMode.SAMPLE
    assert tf.GenerationConfig(num_beams=2, do_sample=True).get_generation_mode() == "beam_sample"
    assert tf.GenerationConfig(prompt_lookup_num_tokens=3).get_generation_mode() == "assisted_generation"
    assert config.update(defaults_only=True, do_sample=False, top_k=3) == {} and config.do_sample and config.top_k == 3
    config.update(allow_custom_entries=True, mine=1)
    assert config.mine == 1
    config.save_pretrained(tmp_path, config_file_name="other.json")
    again = tf.GenerationConfig.from_pretrained(tmp_path, "other.json")
    assert again.watermarking_config == config.watermarking_config and again.compile_config is None
    assert tf.GenerationConfig.from_dict({"top_k": 3}, return_unused_kwargs=True, new=1)[1] == {}
    config.to_json_file(tmp_path / "file.json")
    assert "_from_model_config" not in config.to_json_string(ignore_metadata=True)
    with pytest.raises(InputError, match="compile_config"):
        tf.GenerationConfig(compile_config=3)
    with pytest.raises(UnsupportedError, match="push_to_hub"):
        config.save_pretrained(tmp_path, push_to_hub=True)


def test_outputs_have_the_order_and_the_names_of_transformers(model: Any) -> None:
    options = {"max_new_tokens": 3, "return_dict_in_generate": True, "output_scores": True}
    beams = model.generate([[5, 6]], num_beams=2, **options)
    assert list(beams) == ["sequences", "sequences_scores", "scores", "beam_indices"]
    assert isinstance(beams, outputs.BeamSearchDecoderOnlyOutput) and not isinstance(
        beams, outputs.GenerateNonBeamOutput
    )
    greedy = model.generate([[5, 6]], **options)
    assert list(greedy) == ["sequences", "scores", "past_key_values"] and greedy.attentions is None
    assert isinstance(greedy, outputs.GreedySearchDecoderOnlyOutput) and isinstance(greedy, outputs.GenerateOutput)


def test_a_background_call_takes_what_is_not_batched(model: Any) -> None:
    options: dict[str, Any] = {"max_new_tokens": 6, "guidance_scale": 1.5}
    expected = model.generate([[5, 6, 7]], **options)
    np.testing.assert_array_equal(model.generate_async([[5, 6, 7]], **options).result(), expected)
    assert (expected != model.generate([[5, 6, 7]], max_new_tokens=6)).any()


def test_warpers_need_no_ids() -> None:
    scores = np.array([[1.0, 3.0, 2.0]], np.float32)
    kept = tf.TopKLogitsWarper(1)(None, scores)
    np.testing.assert_array_equal(kept, [[-np.inf, 3, -np.inf]])
    np.testing.assert_array_equal(tf.TemperatureLogitsWarper(0.5)(None, scores), scores * 2)
    with pytest.raises(InputError, match="input_ids"):
        tf.RepetitionPenaltyLogitsProcessor(1.2)(None, scores)
