"""Inputs, options and errors of text generation on the tiny decoders, beside the goldens."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustformers
from trustformers import (
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    GenerationConfig,
    TextGenerationPipeline,
    TextStreamer,
    pipeline,
)
from trustformers.errors import InputError, TokenizerError, UnsupportedError
from trustformers.pipelines.text_generation import ReturnType

GOLDENS = Path(__file__).parents[1] / "goldens"
LLAMA = GOLDENS / "decoders" / "llama"
TEXTS = ["the cat sat", "hello", "", "and you, on the mat?"]
CHAT = [{"role": "system", "content": "hello"}, {"role": "user", "content": "a cat?"}]
SHORT: dict[str, Any] = {"do_sample": False, "max_new_tokens": 6}


@pytest.fixture(scope="module")
def model() -> Any:
    return AutoModelForCausalLM.from_pretrained(LLAMA, dtype="float32")


@pytest.fixture
def tokenizer() -> Any:
    return AutoTokenizer.from_pretrained(GOLDENS / "text_generation" / "tokenizer")


@pytest.fixture
def ask(model: Any, tokenizer: Any) -> TextGenerationPipeline:
    return pipeline("text-generation", model, tokenizer=tokenizer)


def asked_of_generate(ask: TextGenerationPipeline, monkeypatch: pytest.MonkeyPatch, **options: Any) -> dict[str, Any]:
    """The arguments of the pipeline's call of `generate`."""
    seen: dict[str, Any] = {}
    generate = type(ask.model).generate

    def spied(model: Any, *args: Any, **kwargs: Any) -> Any:
        seen.update(kwargs)
        return generate(model, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(type(ask.model), "generate", spied)
        ask("the cat", **options)
    return seen


def test_by_default_256_tokens_are_sampled_at_temperature_07(
    ask: TextGenerationPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = asked_of_generate(ask, monkeypatch)
    assert (seen["max_new_tokens"], seen["do_sample"], seen["temperature"]) == (256, True, 0.7)
    seen = asked_of_generate(ask, monkeypatch, do_sample=False)
    assert seen["max_new_tokens"] == 256 and "temperature" not in seen
    seen = asked_of_generate(ask, monkeypatch, max_length=9, temperature=0.2)
    assert "max_new_tokens" not in seen and seen["do_sample"] and seen["temperature"] == 0.2
    seen = asked_of_generate(ask, monkeypatch, generation_config=GenerationConfig(max_new_tokens=2, do_sample=False))
    assert not {"max_new_tokens", "do_sample", "temperature"} & set(seen)


def test_a_seed_repeats_the_sampled_tokens(ask: TextGenerationPipeline) -> None:
    def drawn() -> Any:
        trustformers.set_seed(3)
        return ask(TEXTS, max_new_tokens=9, num_return_sequences=2)

    first = drawn()
    assert first == drawn() and [len(found) for found in first] == [2] * 4
    assert first[0][0] != first[0][1]


@pytest.mark.parametrize("has_padding", [True, False])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"return_tensors": True},
        {"skip_special_tokens": False, "eos_token_id": [63, 30]},
        {"return_tensors": True, "eos_token_id": [63, 30]},
        {"return_tensors": True, "stop_sequence": "yo"},
        {"return_tensors": True, "add_special_tokens": False, "num_beams": 2, "num_return_sequences": 2},
    ],
)
def test_results_do_not_depend_on_the_batch(
    ask: TextGenerationPipeline, given: dict[str, Any], has_padding: bool
) -> None:
    if not has_padding:
        ask.tokenizer.pad_token = None
        assert ask.tokenizer.pad_token_id is None
    alone = [ask(text, **SHORT, **given) for text in TEXTS]
    for batch_size in (None, 1, 3, 99):
        assert ask(TEXTS, batch_size=batch_size, **SHORT, **given) == alone
    chats = [CHAT, CHAT[1:]]
    assert ask(chats, batch_size=2, **SHORT, **given) == [ask(chat, **SHORT, **given) for chat in chats]


def test_results_of_an_iterator_are_yielded_one_by_one(ask: TextGenerationPipeline) -> None:
    asked: list[int] = []

    def source() -> Iterator[str]:
        for index, text in enumerate(TEXTS):
            asked.append(index)
            yield text

    expected = ask(TEXTS, **SHORT)
    asked.clear()
    stream = ask(source(), **SHORT)
    assert isinstance(stream, Iterator) and next(stream) == expected[0]
    # The first item is read ahead, since it may be a message.
    assert asked == [0] and list(stream) == expected[1:]
    assert list(ask(iter(TEXTS), batch_size=3, **SHORT)) == expected
    assert list(ask(iter([CHAT, CHAT[1:]]), **SHORT)) == ask([CHAT, CHAT[1:]], **SHORT)
    messages: Any = iter(CHAT)
    assert ask(messages, **SHORT) == ask(CHAT, **SHORT)
    assert list(ask(iter(()), **SHORT)) == [] and ask([], **SHORT) == []
    assert ask(tuple(TEXTS), **SHORT) == expected and ask(tuple(CHAT), **SHORT) == ask(CHAT, **SHORT)


def test_return_types_are_those_of_transformers_too(ask: TextGenerationPipeline) -> None:
    class Foreign(enum.Enum):
        TENSORS = 0
        NEW_TEXT = 1

    for kind in (ReturnType.NEW_TEXT, Foreign.NEW_TEXT):
        assert ask("the cat", return_type=kind, **SHORT) == ask("the cat", return_full_text=False, **SHORT)
    tokens = ask("the cat", return_type=Foreign.TENSORS, **SHORT)
    assert tokens == ask("the cat", return_tensors=True, **SHORT)
    assert ask("the cat", return_tensors=False, **SHORT) == ask("the cat", **SHORT)
    for wrong in (0, "text"):
        with pytest.raises(InputError, match="return_type"):
            ask("the cat", return_type=wrong)


def test_streamers_and_assistants_get_one_prompt_at_a_time(
    ask: TextGenerationPipeline, model: Any, tokenizer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = ask(TEXTS[:2], **SHORT)
    assert ask(TEXTS[:2], streamer=TextStreamer(tokenizer, skip_special_tokens=True), **SHORT) == expected
    assert capsys.readouterr().out == "".join(f"{found[0]['generated_text']}\n" for found in expected)
    with pytest.raises(InputError, match="streamer"):
        ask(TEXTS[:2], streamer=TextStreamer(tokenizer), batch_size=2, **SHORT)
    for assistant in (model, str(LLAMA)):
        drafted = pipeline("text-generation", model, tokenizer=tokenizer, assistant_model=assistant)
        assert drafted(TEXTS[:2], **SHORT) == expected
    with pytest.raises(InputError, match="assistant_model"):
        pipeline("text-generation", model, tokenizer=tokenizer, assistant_model=3)
    other = AutoTokenizer.from_pretrained(GOLDENS / "tokenizers" / "byte_level_bpe")
    with pytest.raises(UnsupportedError, match="assistant_tokenizer"):
        pipeline("text-generation", model, tokenizer=tokenizer, assistant_model=model, assistant_tokenizer=other)


def test_inputs_that_are_neither_text_nor_chat_are_named(ask: TextGenerationPipeline) -> None:
    wrong: tuple[Any, ...] = (None, 3, b"a", {"role": "user", "content": "a"}, [None], ["a", 3], [["a"]], object())
    for value in (*wrong, [[]], [CHAT, []], [CHAT, "a"], ["a", CHAT], [{"role": "user"}], [*CHAT, "a"]):
        with pytest.raises(InputError, match="text_inputs"):
            ask(value, **SHORT)
    with pytest.raises(InputError, match="surrogate"):
        ask("a\ud800", **SHORT)
    with pytest.raises(InputError, match="content of the last message"):
        ask([{"role": "assistant", "content": [{"type": "text", "text": "a"}]}], **SHORT)


def test_a_chat_needs_a_template(ask: TextGenerationPipeline) -> None:
    ask.tokenizer.chat_template = None
    with pytest.raises((InputError, TokenizerError), match="chat_template"):
        ask(CHAT, **SHORT)
    assert ask("the cat", **SHORT)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"max_length": 3}, "max_length"),
        ({"max_new_tokens": -1}, "max_new_tokens"),
        ({"batch_size": 0}, "batch_size"),
        ({"num_workers": -1}, "num_workers"),
        ({"prefix": 3}, "prefix"),
        ({"stop_sequence": [3]}, "stop_sequence"),
        ({"return_full_text": "yes"}, "return_full_text"),
        ({"return_full_text": True, "return_tensors": True}, "return_full_text"),
        ({"return_text": True, "return_tensors": True}, "return_text"),
        ({"handle_long_generation": "cut"}, "handle_long_generation"),
        ({"handle_long_generation": "hole", "max_new_tokens": 40}, "handle_long_generation"),
        ({"handle_long_generation": "hole", "max_new_tokens": "a"}, "max_new_tokens"),
        ({"tokenizer_encode_kwargs": 3}, "tokenizer_encode_kwargs"),
        ({"tokenizer_encode_kwargs": {"return_overflowing_tokens": True}}, "tokenizer_encode_kwargs"),
        ({"batchsize": 3}, "batchsize"),
        ({"num_return_sequences": 2, "do_sample": False}, "num_return_sequences"),
    ],
)
def test_options_that_cannot_be_used_are_named(ask: TextGenerationPipeline, given: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named):
        ask("the cat sat on the mat", **given)


def test_a_model_without_the_head_is_refused_with_the_classes_that_have_it(tokenizer: Any) -> None:
    classifier = AutoModelForSequenceClassification.from_pretrained(LLAMA)
    with pytest.raises(InputError, match=r"text-generation.*AutoModelForCausalLM.*LlamaForSeq.*GPT2LMHeadModel.*Llama"):
        pipeline("text-generation", classifier, tokenizer=tokenizer)


def test_the_task_follows_from_the_model(model: Any, tokenizer: Any, tmp_path: Path) -> None:
    made = pipeline(model=model, tokenizer=tokenizer)
    assert isinstance(made, TextGenerationPipeline) and made.tokenizer.padding_side == "left"
    made.save_pretrained(tmp_path)
    again = pipeline(model=tmp_path, dtype="float32")
    assert isinstance(again, TextGenerationPipeline) and again(CHAT, **SHORT) == made(CHAT, **SHORT)
