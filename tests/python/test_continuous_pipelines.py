"""Pipelines that batch continuously, as those of trustformers.ray do."""

from pathlib import Path
from typing import Any

import pytest
from trustformers import pipeline

GOLDENS = Path(__file__).parents[1] / "goldens"
TEXTS = ["the cat sat", "hello", "a cat"] * 15


@pytest.fixture(params=["text-generation", "text2text-generation"])
def ask(request: pytest.FixtureRequest) -> Any:
    """A pipeline that searches greedily."""
    if request.param == "text-generation":
        model, tokenizer = GOLDENS / "decoders" / "llama", GOLDENS / "text_generation" / "tokenizer"
    else:
        model, tokenizer = GOLDENS / "seq2seq" / "t5", GOLDENS / "text2text" / "tokenizer"
    options: dict[str, Any] = {"dtype": "float32", "do_sample": False, "num_beams": 1, "max_new_tokens": 6}
    return pipeline(request.param, model, tokenizer=tokenizer, **options)


def count_rows(ask: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of prompts of each call of a method of the pipeline's model, as calls are made."""
    counts: list[int] = []
    method = getattr(ask.model, name)

    def counted(ids: Any, **kwargs: Any) -> Any:
        counts.append(len(ids))
        return method(ids, **kwargs)

    monkeypatch.setitem(vars(ask.model), name, counted)
    return counts


def test_all_prompts_are_one_request(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = ask(TEXTS)
    counts = count_rows(ask, "generate_async", monkeypatch)
    ask._is_continuous = True
    assert ask(TEXTS) == expected
    assert counts == [len(TEXTS)]


def test_calls_that_cannot_join_keep_their_batches(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = ask(TEXTS, num_beams=2)
    counts = count_rows(ask, "generate_async", monkeypatch)
    ask._is_continuous = True
    assert ask(TEXTS, num_beams=2) == expected
    assert counts == [32, len(TEXTS) - 32]
