"""Background calls: results, errors and cancellation."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoTokenizer,
    BertModel,
    Job,
    LlamaForCausalLM,
    PreTrainedTokenizerFast,
)
from trustformers.errors import ConfigError, HubError, InputError, TokenizerError

GOLDENS = Path(__file__).parents[1] / "goldens"
LLAMA = GOLDENS / "decoders" / "llama"
TOKENIZER = GOLDENS / "text_generation" / "tokenizer"


def test_models_and_tokenizers_load_side_by_side() -> None:
    async def load() -> Any:
        return await asyncio.gather(
            AutoModelForCausalLM.from_pretrained_async(LLAMA, dtype="float32"),
            LlamaForCausalLM.from_pretrained_async(LLAMA, dtype="float32"),
            AutoModel.from_pretrained_async(GOLDENS / "encoders" / "bert"),
            AutoTokenizer.from_pretrained_async(TOKENIZER, padding_side="left"),
            PreTrainedTokenizerFast.from_pretrained_async(TOKENIZER),
        )

    auto, llama, bert, tokenizer, other = asyncio.run(load())
    assert type(auto) is type(llama) is LlamaForCausalLM and isinstance(bert, BertModel)
    assert auto.dtype == "float32" and tokenizer.padding_side == "left"
    assert tokenizer.get_vocab() == other.get_vocab()


def test_async_calls_equal_synchronous_calls() -> None:
    model = AutoModelForCausalLM.from_pretrained(LLAMA, dtype="float32")
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)

    async def ask(text: str) -> Any:
        ids = await tokenizer.encode_async(text, return_tensors="np")
        return (await model.forward_async(ids, output_hidden_states=True, logits_to_keep=1)).logits

    async def ask_all() -> Any:
        return await asyncio.gather(*(ask("the cat " * count) for count in range(1, 9)))

    for count, found in enumerate(asyncio.run(ask_all()), 1):
        ids = tokenizer("the cat " * count, return_tensors="np")["input_ids"]
        np.testing.assert_array_equal(found, model(ids, logits_to_keep=1).logits)
    job = tokenizer.encode_async(["the cat", "a"], padding=True)
    assert isinstance(job, Job) and job.result(timeout=60) == tokenizer.encode(["the cat", "a"], padding=True)


def test_encoded_ids_of_one_text_are_model_inputs() -> None:
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)
    model = AutoModelForCausalLM.from_pretrained(LLAMA, dtype="float32")

    async def ask() -> tuple[Any, Any, Any]:
        inputs = await tokenizer.encode_async("the cat")
        outputs = await model.forward_async(inputs)
        return inputs, outputs, await model.generate_async(inputs, max_new_tokens=3)

    inputs, outputs, generated = asyncio.run(ask())
    assert isinstance(inputs, list) and isinstance(inputs[0], int)
    np.testing.assert_array_equal(outputs.logits, model([inputs]).logits)
    np.testing.assert_array_equal(generated, model.generate([inputs], max_new_tokens=3))


def test_awaiting_a_job_raises_its_error(tmp_path: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(LLAMA)
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)
    wrong: Any = 3
    jobs: list[tuple[Any, Any, str]] = [
        (AutoModel.from_pretrained_async(tmp_path), ConfigError, "config.json"),
        (
            AutoModel.from_pretrained_async("nobody/nothing", local_files_only=True, cache_dir=tmp_path),
            HubError,
            "nobody",
        ),
        (AutoModel.from_pretrained_async(LLAMA, dtype="float7"), InputError, "float7"),
        (AutoTokenizer.from_pretrained_async(tmp_path), (TokenizerError, ConfigError), "tokenizer"),
        (AutoTokenizer.from_pretrained_async(TOKENIZER, unheard="left"), TypeError, "unheard"),
        (tokenizer.encode_async(wrong), InputError, "text"),
        (model.forward_async([[5, 500]]), InputError, "500"),
        (model.forward_async(), InputError, "input_ids"),
    ]

    async def ended(job: Any) -> None:
        await job

    for job, kind, named in jobs:
        with pytest.raises(kind, match=named):
            asyncio.run(ended(job))
        with pytest.raises(kind, match=named):
            job.result()


def test_a_cancelled_task_does_not_wait_for_its_call() -> None:
    begun, may_end = threading.Event(), threading.Event()

    class Slow(BertModel):
        @classmethod
        def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
            begun.set()
            assert may_end.wait(60)
            return super().from_pretrained(*args, **kwargs)

    async def cancelled() -> Any:
        job = Slow.from_pretrained_async(GOLDENS / "encoders" / "bert")
        task = asyncio.ensure_future(awaited(job))
        await asyncio.to_thread(begun.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return job

    async def awaited(job: Any) -> Any:
        return await job

    job = asyncio.run(cancelled())
    assert not job.done()
    may_end.set()
    assert isinstance(job.result(timeout=60), BertModel)
