"""Streams and concurrent generation of encoder-decoders."""

from __future__ import annotations

import asyncio
import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import AutoModelForSeq2SeqLM, AutoTokenizer, PreTrainedTokenizerFast, TextStreamer, pipeline
from trustformers.errors import InputError, UnsupportedError

GOLDENS = Path(__file__).parents[1] / "goldens"
FAMILIES = ["t5", "bart", "marian", "m2m_100"]
SAMPLING = {"do_sample": True, "top_k": 0, "temperature": 1.5}


def load(name: str) -> Any:
    return AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / "seq2seq" / name, dtype="float32")


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest) -> Any:
    return load(request.param)


@pytest.fixture(scope="module")
def t5() -> Any:
    return load("t5")


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return AutoTokenizer.from_pretrained(GOLDENS / "text2text" / "tokenizer")


def sources(count: int) -> list[list[int]]:
    """Sources of mixed lengths."""
    generator = np.random.default_rng(count)
    return [[*generator.integers(3, 120, generator.integers(1, 14)).tolist(), 1] for _ in range(count)]


def settings(index: int) -> dict[str, Any]:
    """Settings of mixed lengths, greedy and sampled."""
    return {
        "max_new_tokens": 1 + index * 7 % 15,
        "eos_token_id": 7,
        "generator": index,
        **(SAMPLING if index % 2 else {}),
        **({"encoder_no_repeat_ngram_size": 2} if index % 3 == 0 else {}),
    }


def test_streamed_tokens_are_those_of_generate(model: Any) -> None:
    for index, source in enumerate(sources(6)):
        expected = model.generate([source], **settings(index))[0].tolist()
        stream = model.stream(source, **settings(index))
        assert list(stream) == expected[1:]
        assert stream.finish_reason in {"eos", "length"}
    assert list(model.stream(np.array(source), decoder_input_ids=[[3, 4]], max_new_tokens=4)) == (
        model.generate([source], decoder_input_ids=[[3, 4]], max_new_tokens=4)[0, 3:].tolist()
    )


def test_streamed_text_is_that_of_the_tokens(model: Any, tokenizer: PreTrainedTokenizerFast) -> None:
    for skips in (True, False):
        given: dict[str, Any] = {"max_new_tokens": 12, "generator": 5, **SAMPLING}
        text = "".join(model.stream("the cat", tokenizer=tokenizer, skip_special_tokens=skips, **given))
        ids = model.generate(**tokenizer("the cat", return_tensors="np"), **given)[0, 1:]
        assert text == tokenizer.decode(ids, skip_special_tokens=skips)
    with pytest.raises(InputError, match="tokenizer="):
        model.stream("the cat")


def test_concurrent_calls_equal_single_calls(model: Any) -> None:
    given = sources(90)
    expected = [model.generate([source], **settings(index)) for index, source in enumerate(given)]

    async def streamed(index: int) -> list[int]:
        return [token async for token in model.stream_async(given[index], **settings(index))]

    async def generated(index: int) -> Any:
        return await model.generate_async([given[index]], **settings(index))

    async def ask_all() -> Any:
        return await asyncio.gather(
            *(generated(index) if index % 4 else streamed(index) for index in range(len(given)))
        )

    for index, found in enumerate(asyncio.run(ask_all())):
        if index % 4:
            np.testing.assert_array_equal(found, expected[index])
        else:
            assert found == expected[index][0, 1:].tolist()


def test_a_batch_is_batched_with_others(t5: Any) -> None:
    source, mask = [[5, 6, 7, 8, 9, 1], [9, 8, 7, 1, 0, 0]], [[1] * 6, [1, 1, 1, 1, 0, 0]]
    expected = t5.generate(source, attention_mask=mask, max_new_tokens=9)
    encoded = t5.get_encoder()(source, mask)
    embeds = t5.get_input_embeddings()(source)
    given: list[dict[str, Any]] = [
        {"inputs": source},
        {"input_ids": np.array(source)},
        {"encoder_outputs": encoded},
        {"inputs_embeds": np.asarray(embeds)},
    ]
    jobs = [t5.generate_async(**one, attention_mask=mask, max_new_tokens=9) for one in given * 3]
    for job in jobs:
        np.testing.assert_array_equal(job.result(timeout=60), expected)
    beams = t5.generate_async(source, attention_mask=mask, max_new_tokens=9, num_beams=3)
    np.testing.assert_array_equal(
        beams.result(timeout=60), t5.generate(source, attention_mask=mask, max_new_tokens=9, num_beams=3)
    )


def test_closed_streams_free_their_slots(t5: Any) -> None:
    model = copy.deepcopy(t5)
    source = [5, 6, 7, 1]
    expected = model.generate([source], max_new_tokens=5)
    endless: dict[str, Any] = {"max_new_tokens": 10**9, "eos_token_id": None}
    for _ in range(2):
        streams = [model.stream(source, **endless) for _ in range(80)]
        assert all(next(stream) >= 0 for stream in streams[:64])
        waiting = model.generate_async([source], max_new_tokens=5)
        cancelled = model.generate_async([source], **endless)
        assert not waiting.done()
        for stream in streams:
            stream.close()
        np.testing.assert_array_equal(waiting.result(timeout=60), expected)
        cancelled.cancel()
        assert list(streams[-1]) == []


def test_a_request_with_a_wrong_source_fails_alone(t5: Any) -> None:
    model = copy.deepcopy(t5)
    expected = t5.generate([[5, 6, 1]], max_new_tokens=20)
    running = [model.generate_async([[5, 6, 1]], max_new_tokens=20) for _ in range(3)]
    masked = model.generate_async([[5, 6]], attention_mask=[[0, 0]])
    running += [model.generate_async([[5, 6, 1]], max_new_tokens=20) for _ in range(3)]
    with pytest.raises(InputError, match="attention_mask: masks every token"):
        masked.result(timeout=60)
    for job in running:
        np.testing.assert_array_equal(job.result(timeout=60), expected)
    bart = load("bart")
    calls: list[tuple[Any, str]] = [
        (lambda: model.stream([[5, 6], [7, 8]]), "inputs: a stream continues one prompt, found 2"),
        (lambda: model.stream([5, 131]), "input_ids: id 131"),
        (lambda: model.stream(), "input_ids: missing"),
        (lambda: model.stream([5], decoder_input_ids=[[131]]), "decoder_input_ids: id 131"),
        (lambda: next(bart.stream([5] * 24)), "input_ids: a sequence of 24 tokens is longer"),
    ]
    for call, named in calls:
        with pytest.raises(InputError, match=r".") as raised:
            call()
        assert str(raised.value).startswith(named), str(raised.value)
    with pytest.raises(UnsupportedError, match="decoder_attention_mask with masked tokens in a stream"):
        model.stream([5, 6], decoder_input_ids=[[0, 0, 4]], decoder_attention_mask=[[0, 1, 1]])


def test_an_assistant_drafts_for_a_pipeline(t5: Any, tokenizer: PreTrainedTokenizerFast) -> None:
    given: dict[str, Any] = {"max_new_tokens": 9, "num_beams": 1}
    expected = pipeline("text2text-generation", model=t5, tokenizer=tokenizer)("the cat", **given)
    subject: Any = pipeline(
        "text2text-generation", model=t5, tokenizer=tokenizer, assistant_model=GOLDENS / "seq2seq" / "t5"
    )
    assert subject("the cat", **given) == expected


@pytest.mark.parametrize("task", ["text2text-generation", "summarization", "translation"])
def test_pipelines_write_to_a_streamer(
    task: Any, model: Any, tokenizer: PreTrainedTokenizerFast, capsys: pytest.CaptureFixture[str]
) -> None:
    subject: Any = pipeline(task, model=model, tokenizer=tokenizer)
    given: dict[str, Any] = {"max_new_tokens": 6, "num_beams": 1}
    expected = subject(["the cat", "a"], **given)
    capsys.readouterr()
    streamer = TextStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
    assert subject(["the cat", "a"], streamer=streamer, **given) == expected
    assert capsys.readouterr().out.splitlines() == [next(iter(one.values())) for one in expected]
    with pytest.raises(InputError, match="num_beams=1"):
        subject("the cat", streamer=streamer, max_new_tokens=6)
