"""Generation from tiny decoders: the arguments, streams and jobs of Python; tokens are checked in Rust."""

from __future__ import annotations

import asyncio
import json
import queue
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers
from trustformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    TextIteratorStreamer,
    TextStreamer,
)
from trustformers.errors import InputError, UnsupportedError

GOLDENS = Path(__file__).parents[1] / "goldens"
PROMPTS = [[5, 6, 7], [8, 9, 10]]


@pytest.fixture(scope="module")
def model() -> Any:
    return AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / "llama", dtype="float32")


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(GOLDENS / "tokenizers" / "byte_level_bpe")


def test_sequences_begin_with_the_prompts_as_they_were_given(model: Any) -> None:
    plain = model.generate(PROMPTS, max_new_tokens=5)
    padded = model.generate([[3, *PROMPTS[0]], [*PROMPTS[1], 3]], max_new_tokens=5)
    assert plain.dtype == np.int64 and plain.shape == (2, 8)
    np.testing.assert_array_equal(plain[:, :3], PROMPTS)
    np.testing.assert_array_equal(padded[:, :4], [[3, *PROMPTS[0]], [*PROMPTS[1], 3]])
    np.testing.assert_array_equal(padded[:, 4:], plain[:, 3:])
    masked = model.generate([[44, *PROMPTS[0]]], attention_mask=[[0, 1, 1, 1]], max_new_tokens=5)
    np.testing.assert_array_equal(masked[0, 4:], plain[0, 3:])


def test_a_loop_over_forward_passes_gives_the_same_tokens(model: Any) -> None:
    ids = PROMPTS[0]
    for _ in range(6):
        ids = [*ids, int(model([ids], logits_to_keep=1).logits[0, -1].argmax())]
    np.testing.assert_array_equal(model.generate([PROMPTS[0]], max_new_tokens=6), [ids])


def test_generation_without_a_prompt_begins_with_bos(model: Any) -> None:
    assert model.generate(max_new_tokens=3)[0, 0] == 1
    assert model.generate([[], []], max_new_tokens=3).shape == (2, 4)
    with pytest.raises(InputError, match="bos_token_id"):
        model.generate(max_new_tokens=3, bos_token_id=None)


def test_a_seed_repeats_the_sampled_tokens(model: Any) -> None:
    def drawn(**kwargs: Any) -> Any:
        return model.generate(PROMPTS, do_sample=True, max_new_tokens=12, **kwargs)

    trustformers.set_seed(7)
    first = drawn()
    second = drawn()
    trustformers.set_seed(7)
    np.testing.assert_array_equal(first, drawn())
    assert (first != second).any()
    np.testing.assert_array_equal(drawn(generator=5), drawn(generator=5))


def test_an_output_object_holds_every_step(model: Any) -> None:
    output = model.generate(
        PROMPTS, max_new_tokens=4, return_dict_in_generate=True, output_scores=True, output_logits=True
    )
    assert output.sequences.shape == (2, 7)
    assert [step.shape for step in output.scores] == [(2, 83)] * 4
    np.testing.assert_array_equal(np.stack(output.logits, 1).argmax(-1), output.sequences[:, 3:])
    given = {"max_new_tokens": 4, "num_beams": 3, "num_return_sequences": 2, "return_dict_in_generate": True}
    beams = model.generate(PROMPTS, **given, output_scores=True)
    assert beams.sequences_scores.shape == (4,) and beams.beam_indices.shape == (4, 4)
    assert model.generate(PROMPTS, **given).sequences_scores is None


def test_python_processors_and_criteria_are_called(model: Any) -> None:
    def only(token: int) -> Any:
        return lambda _ids, scores: np.where(np.arange(scores.shape[1]) == token, 0.0, -np.inf)

    found = model.generate([[1, 2]], max_new_tokens=9, logits_processor=[only(44)])
    np.testing.assert_array_equal(found[0, 2:], [44] * 9)
    ended = model.generate([[1, 2]], max_new_tokens=9, stopping_criteria=[lambda ids, _scores: ids.shape[1] >= 5])
    assert ended.shape == (1, 5)
    allowed = model.generate([[1, 2]], max_new_tokens=4, prefix_allowed_tokens_fn=lambda _row, _ids: [11, 12])
    assert set(allowed[0, 2:]) <= {11, 12}
    with pytest.raises(ZeroDivisionError):
        model.generate([[1, 2]], stopping_criteria=[lambda _ids, _scores: 1 / 0])
    with pytest.raises(InputError, match=r"shape \(1, 83\), found the shape \(1, 3\)"):
        model.generate([[1, 2]], logits_processor=[lambda _ids, scores: scores[:, :3]])


def test_drafts_of_an_assistant_or_the_prompt_change_nothing(model: Any) -> None:
    expected = model.generate([PROMPTS[0]], max_new_tokens=12)
    drafted = model.generate([PROMPTS[0]], max_new_tokens=12, assistant_model=model)
    np.testing.assert_array_equal(drafted, expected)
    looked_up = model.generate([PROMPTS[0]], max_new_tokens=12, prompt_lookup_num_tokens=3)
    np.testing.assert_array_equal(looked_up, expected)


@pytest.mark.parametrize(
    ("kwargs", "named"),
    [
        ({"max_new_tokens": -1}, "max_new_tokens"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"top_kk": 3}, "top_kk"),
        ({"num_return_sequences": 2}, "num_return_sequences"),
        ({"temperature": -1.0, "do_sample": True}, "temperature"),
        ({"top_k": "many"}, "top_k"),
        ({"stop_strings": "a"}, "stop_strings"),
        ({"attention_mask": [[1]]}, "attention_mask"),
        ({"input_ids": [[1]]}, "input_ids"),
        ({"generator": "seed"}, "generator"),
        ({"eos_token_id": object()}, "model_kwargs"),
    ],
)
def test_arguments_that_cannot_be_used_are_named(model: Any, kwargs: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        model.generate(PROMPTS, **kwargs)


def test_unsupported_options_are_named(model: Any) -> None:
    for kwargs in (
        {"custom_generate": "some/repository"},
        {"num_beam_groups": 2, "num_beams": 4},
        {"synced_gpus": True},
    ):
        with pytest.raises(UnsupportedError, match=next(iter(kwargs))):
            model.generate(PROMPTS, **kwargs)
    with pytest.raises(UnsupportedError, match="token_type_ids"):
        model(PROMPTS, token_type_ids=[[0, 1, 1], [0, 0, 1]])
    classifier = trustformers.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "decoders" / "llama")
    assert not hasattr(classifier, "generate")


def test_a_prompt_longer_than_the_positions_names_both_lengths() -> None:
    model = AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / "gpt2")
    with pytest.raises(InputError, match=r"60 tokens.*40"):
        model.generate([list(range(5, 65))])
    with pytest.raises(InputError, match="40"):
        model.generate([list(range(5, 40))], max_new_tokens=30)


def test_a_configuration_reads_writes_and_fills_gaps(model: Any, tmp_path: Path) -> None:
    config = GenerationConfig(max_new_tokens=4, do_sample=False, eos_token_id=[2, 5], mine="kept")
    config.save_pretrained(tmp_path)
    assert GenerationConfig.from_pretrained(tmp_path) == config
    assert config.top_k is None and config.mine == "kept" and config.eos_token_id == [2, 5]
    assert config.update(top_k=3, unknown=1) == {"unknown": 1} and config.top_k == 3
    assert model.generate([[5]], config).shape == (1, 5)
    assert model.generate([[5]], config, max_new_tokens=2).shape == (1, 3)
    with pytest.raises(InputError, match="top_k"):
        GenerationConfig(top_k="many")
    with pytest.raises(AttributeError, match="top_kk"):
        _ = config.top_kk


def test_a_sequence_bias_is_a_dict_as_in_transformers(model: Any) -> None:
    bias = {(44,): 1000.0, (5, 6): -1.0}
    config = GenerationConfig(max_new_tokens=3, sequence_bias=bias)
    assert config.sequence_bias == [[[44], 1000.0], [[5, 6], -1.0]]
    expected = [[*PROMPTS[0], 44, 44, 44]]
    np.testing.assert_array_equal(model.generate([PROMPTS[0]], config), expected)
    np.testing.assert_array_equal(model.generate([PROMPTS[0]], max_new_tokens=3, sequence_bias=bias), expected)


def test_values_of_numpy_are_settings(model: Any) -> None:
    eos = int(model.generate([PROMPTS[0]], max_new_tokens=3)[0, -1])
    found = model.generate([PROMPTS[0]], max_new_tokens=np.int64(9), eos_token_id=np.array([eos, 82]))
    assert found[0, -1] in (eos, 82) and found.shape[1] <= 6
    for wrong, message in (
        ({"max_new_tokens": 10**30}, r"^max_new_tokens: cannot be 1e\+30"),
        ({"eos_token_id": {1}}, "^model_kwargs: eos_token_id"),
    ):
        with pytest.raises(InputError, match=message):
            model.generate([PROMPTS[0]], **wrong)


def test_a_model_is_saved_with_its_generation_configuration(tmp_path: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / "llama", dtype="float32")
    model.generation_config.update(max_new_tokens=4, repetition_penalty=1.2)
    model.save_pretrained(tmp_path)
    again = AutoModelForCausalLM.from_pretrained(tmp_path, dtype="float32")
    assert again.generation_config == model.generation_config
    np.testing.assert_array_equal(again.generate(PROMPTS), model.generate(PROMPTS))
    assert again.generate(PROMPTS).shape == (2, 7)
    # transformers reads the file too, so it has only the keys that were set.
    assert json.loads((tmp_path / "generation_config.json").read_text()) == model.generation_config.to_dict()
    model.generation_config.num_return_sequences = 2
    with pytest.raises(InputError, match="num_return_sequences"):
        model.save_pretrained(tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_models_know_whether_they_generate(model: Any) -> None:
    classifier = trustformers.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "decoders" / "llama")
    assert model.can_generate() and AutoModelForCausalLM.can_generate() and trustformers.LlamaForCausalLM.can_generate()
    assert not classifier.can_generate() and not trustformers.AutoModel.can_generate()


def test_tokenizer_outputs_are_inputs_of_generate(model: Any) -> None:
    tokenizer = AutoTokenizer.from_pretrained(GOLDENS / "text_generation" / "tokenizer", padding_side="left")
    inputs = tokenizer(["the cat", "hello you and"], padding=True, return_tensors="np")
    found = model.generate(**inputs, max_new_tokens=3)
    assert found.shape == (2, inputs["input_ids"].shape[1] + 3)
    # transformers refuses arguments that the model's forward does not have.
    inputs = tokenizer("the cat", return_token_type_ids=True, return_tensors="np")
    with pytest.raises(InputError, match="token_type_ids"):
        model.generate(**inputs, max_new_tokens=3)
    inputs["token_type_ids"] = None
    assert model.generate(**inputs, max_new_tokens=3).shape[0] == 1


def test_a_list_of_tokens_is_a_batch_of_one(model: Any) -> None:
    prompt = PROMPTS[0]
    expected = model.generate([prompt], max_new_tokens=4)
    for found in (
        model.generate(prompt, max_new_tokens=4),
        model.generate(tuple(prompt), attention_mask=[1] * len(prompt), max_new_tokens=4),
        model.generate(input_ids=prompt, max_new_tokens=4),
        model.generate_async(prompt, max_new_tokens=4).result(),
        [[*prompt, *model.stream(tuple(prompt), max_new_tokens=4)]],
        [[*prompt, *model.stream(np.array(prompt), max_new_tokens=4)]],
    ):
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(model(prompt, labels=prompt).loss, model([prompt], labels=[prompt]).loss)
    tokenizer = AutoTokenizer.from_pretrained(GOLDENS / "text_generation" / "tokenizer")
    inputs = tokenizer("the cat")
    assert isinstance(inputs["input_ids"], list)
    np.testing.assert_array_equal(
        model.generate(**inputs, max_new_tokens=3), model.generate([inputs["input_ids"]], max_new_tokens=3)
    )
    with pytest.raises(InputError, match=r"input_ids\[None\]"):
        model.generate(np.array(prompt))


def test_a_stream_equals_generate(model: Any, tokenizer: Any) -> None:
    expected = model.generate([PROMPTS[0]], max_new_tokens=9)[0, 3:].tolist()
    stream = model.stream(PROMPTS[0], max_new_tokens=9)
    assert list(stream) == expected and stream.finish_reason == "length"
    text = "".join(model.stream(PROMPTS[0], max_new_tokens=9, tokenizer=tokenizer, skip_special_tokens=False))
    assert text == tokenizer.decode(expected)


def test_padding_is_left_out_of_every_kind_of_call(model: Any) -> None:
    options = {"max_new_tokens": 4, "pad_token_id": 0}
    expected = model.generate([PROMPTS[0]], max_new_tokens=4)[0, 3:]
    padded = [[0, 0, *PROMPTS[0]]]
    np.testing.assert_array_equal(model.generate(padded, **options), [[*padded[0], *expected]])
    np.testing.assert_array_equal(model.generate_async(padded, **options).result(), [[*padded[0], *expected]])
    assert list(model.stream(padded, **options)) == expected.tolist()


def test_a_text_is_streamed_as_its_tokens_are(model: Any) -> None:
    tokenizer = AutoTokenizer.from_pretrained(GOLDENS / "text_generation" / "tokenizer")
    options = {"max_new_tokens": 6, "tokenizer": tokenizer}
    text = "".join(model.stream("the cat", **options))
    assert text == "".join(model.stream(tokenizer("the cat")["input_ids"], **options))
    with pytest.raises(InputError, match="inputs"):
        model.stream("a\ud800", **options)
    with pytest.raises(InputError, match="one prompt, found 2"):
        model.stream(PROMPTS, max_new_tokens=2)


def test_streams_that_are_closed_early_leave_nothing_behind(model: Any) -> None:
    list(model.stream([5], max_new_tokens=2))
    threads = threading.active_count()
    for _ in range(50):
        with model.stream(PROMPTS[0], max_new_tokens=100_000, eos_token_id=None) as stream:
            next(stream)
    assert threading.active_count() == threads
    assert len(list(model.stream(PROMPTS[0], max_new_tokens=3))) == 3


def test_a_stream_raises_errors(model: Any) -> None:
    with pytest.raises(InputError, match="vocab_size"):
        list(model.stream([500], max_new_tokens=3))
    with pytest.raises(InputError, match="tokenizer"):
        model.stream("a text")
    assert len(list(model.stream(PROMPTS[0], max_new_tokens=3))) == 3


def test_fifty_concurrent_requests_equal_single_requests(model: Any) -> None:
    calls = [([[5 + index, 6, 7 + index % 9]], {"max_new_tokens": 20 + index % 5}) for index in range(50)]
    calls = [
        (ids, {**kwargs, "do_sample": True, "generator": 100 + index}) for index, (ids, kwargs) in enumerate(calls)
    ]

    async def together() -> list[Any]:
        return await asyncio.gather(*[model.generate_async(ids, **kwargs) for ids, kwargs in calls])

    for found, (ids, kwargs) in zip(asyncio.run(together()), calls, strict=True):
        np.testing.assert_array_equal(found, model.generate(ids, **kwargs))


def test_async_calls_can_be_cancelled_and_waited_for(model: Any) -> None:
    async def cancelled() -> None:
        for kwargs in ({}, {"num_beams": 2}):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(
                    model.generate_async([[5, 6]], max_new_tokens=1_000_000, eos_token_id=None, **kwargs), 0.05
                )
        stream = model.stream_async([5, 6], max_new_tokens=1_000_000, eos_token_id=None)
        assert await anext(stream) >= 0
        await stream.aclose()
        found = [token async for token in model.stream_async(PROMPTS[0], max_new_tokens=4)]
        assert found == model.generate([PROMPTS[0]], max_new_tokens=4)[0, 3:].tolist()

    asyncio.run(cancelled())
    job = model.generate_async(PROMPTS, max_new_tokens=4)
    np.testing.assert_array_equal(job.result(timeout=60), model.generate(PROMPTS, max_new_tokens=4))


def test_streamers_receive_prompt_and_text(model: Any, tokenizer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    new = model.generate([PROMPTS[0]], max_new_tokens=6, streamer=TextStreamer(tokenizer, skip_prompt=True))
    assert capsys.readouterr().out.rstrip("\n") == tokenizer.decode(new[0, 3:].tolist()).rstrip("\n")
    streamer = TextIteratorStreamer(tokenizer, timeout=60)
    thread = threading.Thread(
        target=model.generate, args=([PROMPTS[0]],), kwargs={"max_new_tokens": 6, "streamer": streamer}
    )
    thread.start()
    assert "".join(streamer) == tokenizer.decode(new[0].tolist())
    thread.join()
    with pytest.raises(queue.Empty):
        next(TextIteratorStreamer(tokenizer, timeout=0.01))
    with pytest.raises(InputError, match="beams"):
        model.generate([PROMPTS[0]], num_beams=2, streamer=streamer)


def test_stop_strings_end_a_sequence(model: Any, tokenizer: Any) -> None:
    whole = model.generate([PROMPTS[0]], max_new_tokens=9)[0, 3:].tolist()
    stop = tokenizer.decode(whole[3:4])
    found = model.generate([PROMPTS[0]], max_new_tokens=9, stop_strings=stop, tokenizer=tokenizer)[0, 3:].tolist()
    assert found == whole[: len(found)] and len(found) <= 4 and stop in tokenizer.decode(found)


def test_labels_give_the_loss_of_the_following_tokens(model: Any) -> None:
    ids = np.array([[5, 6, 7, 8]])
    output = model(ids, labels=[[-100, 6, -100, 8]])
    logits = output.logits[0].astype(np.float64)
    log_probs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    np.testing.assert_allclose(output.loss, -(log_probs[0, 6] + log_probs[2, 8]) / 2, rtol=1e-5)
    with pytest.raises(InputError, match="logits_to_keep"):
        model(ids, labels=ids, logits_to_keep=1)
    with pytest.raises(UnsupportedError, match="row 0, column 3"):
        model(ids, attention_mask=[[1, 1, 0, 0]], labels=ids)


def test_configurations_of_decoders_follow_from_what_is_stated() -> None:
    config = trustformers.LlamaConfig(hidden_size=64, num_attention_heads=8, rope_theta=5000.0)
    assert (config.head_dim, config.num_key_value_heads, config.tie_word_embeddings) == (8, 8, False)
    assert config.rope_parameters == {"rope_theta": 5000.0, "rope_type": "default"}
    windows = trustformers.Qwen3Config(
        num_hidden_layers=3, use_sliding_window=True, sliding_window=4, max_window_layers=1
    )
    assert windows.layer_types == ["full_attention", "sliding_attention", "sliding_attention"]
    small = {"vocab_size": 50, "hidden_size": 32, "intermediate_size": 24, "num_hidden_layers": 2}
    model = trustformers.LlamaForCausalLM(trustformers.LlamaConfig(num_attention_heads=4, **small))
    assert model.generate([[1, 2]], max_new_tokens=3, eos_token_id=None).shape == (1, 5)


def test_unset_keys_of_a_configuration_object_are_left_to_the_model(model: Any) -> None:
    class Foreign:
        """Like transformers' configuration, whose dict has None for unset keys."""

        def to_dict(self) -> dict[str, Any]:
            return {**dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id", "top_k")), "max_new_tokens": 9}

    plain = model.generate(PROMPTS, max_new_tokens=9)
    # The last token of the first row ends it; the rest is padding.
    model_config = model.generation_config
    eos = int(plain[0, 5])
    try:
        model.generation_config = GenerationConfig(**{**model_config.to_dict(), "eos_token_id": eos})
        model.generation_config.pad_token_id = None
        expected = model.generate(PROMPTS, max_new_tokens=9)
        assert expected[0, -1] == eos, "the row is filled with its end"
        for config in (Foreign(), Foreign().to_dict()):
            np.testing.assert_array_equal(model.generate(PROMPTS, config), expected)
            together = model.generate_async(PROMPTS, generation_config=config).result()
            np.testing.assert_array_equal(together, expected)
            row = expected[0, 3:].tolist()
            assert list(model.stream(PROMPTS[0], config)) == row[: row.index(eos) + 1]
            assert model.generate([[]], config)[0, 0] == 1
            assert model.generate_async([[]], generation_config=config).result()[0, 0] == 1
    finally:
        model.generation_config = model_config


def test_arguments_without_effect_are_warned_of_once(model: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("WARNING", logger="trustformers"):
        for _ in range(2):
            model.generate(PROMPTS, max_new_tokens=2, max_length=31, top_h=0.37)
        GenerationConfig(max_new_tokens=2, typical_p=0.37)
    warned = [record.message.split()[1] for record in caplog.records]
    assert warned == ["top_h", "max_length", "typical_p"]
    assert GenerationConfig(typical_p=0.37).typical_p == 0.37
    with pytest.raises(InputError, match="typical_p"):
        GenerationConfig(typical_p=0.37).validate(strict=True)


@pytest.mark.skipif(sys.platform == "win32", reason="a thread cannot send the signal there")
def test_an_interrupt_ends_a_generation_between_tokens(model: Any) -> None:
    lengths: list[int] = []

    def criterion(ids: Any, _scores: Any) -> bool:
        lengths.append(ids.shape[1])
        if len(lengths) == 20:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return False

    # A shell starts programs in the background with interrupts ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        for options in ({}, {"num_beams": 2}):
            lengths.clear()
            with pytest.raises(KeyboardInterrupt):
                model.generate(
                    [5, 6], max_new_tokens=10**6, eos_token_id=None, stopping_criteria=[criterion], **options
                )
            assert 20 <= len(lengths) < 10**5
    finally:
        signal.signal(signal.SIGINT, before)
    assert model.generate([5, 6], max_new_tokens=2).shape[0] == 1


def test_objects_of_other_types_are_named(model: Any) -> None:
    for name in ("generation_config", "streamer"):
        with pytest.raises(InputError, match=f"{name}: expected .* found int"):
            model.generate([5, 6], max_new_tokens=1, **{name: 3})


def test_a_damaged_generation_config_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shutil.copytree(GOLDENS / "decoders" / "llama", tmp_path / "llama")
    (tmp_path / "llama" / "generation_config.json").write_text("{")
    model = AutoModelForCausalLM.from_pretrained(tmp_path / "llama", dtype="float32")
    with caplog.at_level("WARNING", logger="trustformers"):
        assert model.generate([[5, 6]], max_new_tokens=2).shape == (1, 4)
    assert "generation_config.json" in caplog.text


def test_empty_prompts_without_a_token_to_begin_with_are_refused(model: Any) -> None:
    prompts: list[Any] = [[[]], [[], []], np.zeros((2, 0), np.int64), None]
    for given in prompts:
        with pytest.raises(InputError, match="bos_token_id"):
            model.generate(given, max_new_tokens=3, bos_token_id=None)
        with pytest.raises(InputError, match="bos_token_id"):
            model.generate_async(given, max_new_tokens=3, bos_token_id=None).result()
    with pytest.raises(InputError, match="bos_token_id"):
        list(model.stream([], max_new_tokens=3, bos_token_id=None))


def test_ids_outside_the_vocabulary_are_refused_where_the_mask_hides_them(model: Any) -> None:
    ids, mask = [[9999, 5, 6]], [[0, 1, 1]]
    for call in (
        lambda: model(ids, attention_mask=mask),
        lambda: model.generate(ids, attention_mask=mask, max_new_tokens=2),
        lambda: model.generate_async(ids, attention_mask=mask, max_new_tokens=2).result(),
        lambda: list(model.stream(ids, attention_mask=mask, max_new_tokens=2)),
    ):
        with pytest.raises(InputError, match="9999 at row 0, column 0"):
            call()


def test_use_cache_false_neither_fills_nor_reads_a_cache(model: Any) -> None:
    options = {"max_new_tokens": 6, "return_dict_in_generate": True}
    cached, uncached = (model.generate(PROMPTS, use_cache=uses, **options) for uses in (True, False))
    np.testing.assert_array_equal(cached.sequences, uncached.sequences)
    assert cached.past_key_values is not None and uncached.past_key_values is None
    assert model([PROMPTS[0]], use_cache=False).past_key_values is None
    with pytest.raises(InputError, match="use_cache"):
        model.generate(
            [[*cached.sequences[0], 5]], past_key_values=model([PROMPTS[0]]).past_key_values, use_cache=False
        )
    with pytest.raises(InputError, match="use_cache"):
        model.generate([PROMPTS[0]], prompt_lookup_num_tokens=2, use_cache=False, max_new_tokens=3)


# The output of TextStreamer of transformers 5.23.0 for these texts, one byte at a time.
STREAMED = {
    "two words\nand": ["two ", "words\n", "and"],
    "\u4e2d\u6587 ok": ["\u4e2d", "\u6587", " ", "ok"],
    "\u65e5\u672c\u306e \u30ab": ["\u65e5", "\u672c", "\u306e ", "\u30ab"],
    "\ud55c\uad6d\uc5b4 x": ["\ud55c\uad6d\uc5b4 ", "x"],
    "\U0001f642\U0001f642 a": ["\U0001f642\U0001f642 ", "a"],
    # The reference counts extension E as Chinese, extension F not.
    "\U0002ceb0\U0002b820 b": ["\U0002ceb0\U0002b820", " ", "b"],
}


@pytest.mark.parametrize("text", STREAMED)
def test_text_is_streamed_in_words_as_by_the_reference(text: str) -> None:
    class Bytes:
        def decode(self, tokens: list[int]) -> str:
            return bytes(tokens).decode(errors="replace")

    streamer = TextIteratorStreamer(Bytes(), skip_prompt=True)  # type: ignore[arg-type]
    streamer.put(np.array([[1, 2]]))
    for byte in text.encode():
        streamer.put(np.array([byte]))
    streamer.end()
    assert [piece for piece in streamer if piece] == STREAMED[text]


def test_errors_of_a_streamers_tokenizer_are_raised(model: Any) -> None:
    class Broken:
        def decode(self, tokens: list[int]) -> str:
            raise KeyError("no such token")

    with pytest.raises(KeyError, match="no such token"):
        model.generate([PROMPTS[0]], max_new_tokens=2, streamer=TextStreamer(Broken()))  # type: ignore[arg-type]


def test_an_error_of_generate_reaches_the_reader_of_its_streamer(model: Any, tokenizer: Any) -> None:
    streamer = TextIteratorStreamer(tokenizer, timeout=10)
    with pytest.raises(InputError, match="temperature"):
        model.generate([[5, 7]], do_sample=True, temperature=-1.0, streamer=streamer)
    with pytest.raises(InputError, match="temperature"):
        next(streamer)


def test_an_error_of_generate_reaches_the_event_loop(model: Any, tokenizer: Any) -> None:
    async def read() -> None:
        streamer = trustformers.AsyncTextIteratorStreamer(tokenizer, timeout=10)
        with pytest.raises(InputError, match="temperature"):
            model.generate([[5, 7]], do_sample=True, temperature=-1.0, streamer=streamer)
        await anext(streamer)

    with pytest.raises(InputError, match="temperature"):
        asyncio.run(read())


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"stopping_criteria": 3}, "stopping_criteria: expected a list of callables, found int 3"),
        ({"logits_processor": [3]}, "logits_processor: expected a callable at index 0, found int 3"),
        ({"stopping_criteria": [lambda _ids, _scores: "x"]}, "expected a bool of <lambda>, or one for each sequence"),
        ({"logits_processor": [lambda _ids, _scores: None]}, "expected scores of <lambda>, found None"),
        ({"eos_token_id": "x"}, 'eos_token_id: expected an int or a list of int, found "x"'),
        ({"stop_strings": 3}, "stop_strings: expected a str or a list of str, found 3"),
        ({"max_new_tokens": "3"}, 'max_new_tokens: expected an int, found "3"'),
        ({"do_sample": "3"}, 'do_sample: expected a bool, found "3"'),
    ],
)
def test_arguments_of_generate_of_other_types_are_named(kwargs: dict[str, Any], message: str, model: Any) -> None:
    with pytest.raises(InputError) as raised:
        model.generate([[5, 7]], **{"max_new_tokens": 3} | kwargs)
    assert message in str(raised.value)


def test_bools_are_no_token_ids(model: Any) -> None:
    for call in (model, model.generate):
        with pytest.raises(InputError, match="input_ids: expected integers, found bool"):
            call(np.array([[True, False]]))
    assert model([[5, 7]], attention_mask=np.array([[True, True]])).logits.shape[1] == 2


def test_arrays_of_refused_arguments_are_not_printed(model: Any) -> None:
    for name in ("head_mask", "encoder_hidden_states"):
        with pytest.raises(UnsupportedError) as raised:
            model([[5, 7]], **{name: np.ones((30, 30))})
        assert str(raised.value) == f"not supported: {name} of a model's forward; leave it out"


def test_a_mask_of_four_dimensions_is_explained(model: Any) -> None:
    with pytest.raises(InputError, match="a mask has two dimensions here"):
        model([[5, 7]], attention_mask=np.full((1, 1, 2, 2), -1e9, np.float32))
