"""The pipelines of encoder-decoders answer as transformers 4.57 does, given what `generate` returned there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trustformers import AutoTokenizer, Device, GenerationConfig, PreTrainedModel, PreTrainedTokenizerFast
from trustformers.errors import InputError
from trustformers.generation.mixin import GenerationMixin
from trustformers.models.configuration import PreTrainedConfig
from trustformers.pipelines.tasks import check_task

GOLDENS = Path(__file__).parent.parent / "goldens"
CALLS = json.loads((GOLDENS / "text2text" / "results.json").read_text())["calls"]
T5 = json.loads((GOLDENS / "seq2seq" / "t5" / "config.json").read_text())
# Those of transformers 4.57 that a call may pass.
DEFAULTS = {"max_length": 20, "num_beams": 1, "do_sample": False}
# Reasons of `generate`, not of the pipelines.
OF_GENERATE = "model_kwargs"


class Languages(PreTrainedTokenizerFast):
    """Builds inputs as the tokenizer of the goldens."""

    def _build_translation_inputs(
        self, raw_inputs: str, *, return_tensors: str | None, src_lang: str | None, tgt_lang: str | None, **kwargs: Any
    ) -> Any:
        if src_lang is None or tgt_lang is None:
            raise InputError("src_lang and tgt_lang: missing")
        inputs = self(src_lang + raw_inputs, return_tensors=return_tensors, **kwargs)
        inputs["forced_bos_token_id"] = self.convert_tokens_to_ids(tgt_lang)
        return inputs


class Replay(GenerationMixin, PreTrainedModel):
    """Returns what `generate` returned in transformers, for the same inputs and settings."""

    _native: Any = object()
    device = Device.cpu()

    def __init__(self, call: dict[str, Any]) -> None:
        own = {
            "_directory": "",
            "config": PreTrainedConfig(**T5, **call["config"]),
            "_generation_config": GenerationConfig(
                **{"eos_token_id": 1, "pad_token_id": 0, "decoder_start_token_id": 0, "repetition_penalty": 1.4}
                | call["generation_config"]
            ),
            "runs": call["runs"],
            "count": 0,
        }
        self.__dict__.update(own)

    def _follow_config(self) -> None:
        pass

    def generate(  # type: ignore[override]  # the arguments that the pipeline passes
        self, input_ids: Any, generation_config: Any = None, *, attention_mask: Any, **kwargs: Any
    ) -> Any:
        config = GenerationConfig(**generation_config) if isinstance(generation_config, dict) else generation_config
        settings = {**self.generation_config.to_dict(), **config.to_dict(), **kwargs}
        self.__dict__["settings"] = {
            name: value for name, value in settings.items() if value is not None and DEFAULTS.get(name) != value
        }
        outputs = [self._replayed(ids, mask) for ids, mask in zip(np.array(input_ids), attention_mask, strict=True)]
        width = max(rows.shape[1] for rows in outputs)
        padded = [np.pad(rows, ((0, 0), (0, width - rows.shape[1]))) for rows in outputs]
        return np.concatenate(padded).astype(np.int64)

    def _replayed(self, ids: Any, mask: Any) -> Any:
        tokens = ids[np.array(mask) == 1].tolist()
        for run in self.runs:
            count = len(run["sequences"]) // len(run["input_ids"])
            for index, (given, attended) in enumerate(zip(run["input_ids"], run["attention_mask"], strict=True)):
                if [token for token, seen in zip(given, attended, strict=True) if seen] == tokens:
                    self._check(run["settings"])
                    return np.array(run["sequences"][index * count : (index + 1) * count])
        raise AssertionError(f"{tokens} is not among the runs")

    def _check(self, expected: dict[str, Any]) -> None:
        # A batch of transformers has a list of the same token.
        bos = expected.get("forced_bos_token_id")
        expected = {**expected, **({"forced_bos_token_id": bos[0]} if isinstance(bos, list) else {})}
        assert self.settings == expected


@pytest.fixture(scope="module")
def tokenizer_of() -> Callable[[bool], PreTrainedTokenizerFast]:
    folder = GOLDENS / "text2text" / "tokenizer"
    found = {False: AutoTokenizer.from_pretrained(folder), True: Languages.from_pretrained(folder)}
    return found.__getitem__


def as_golden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_golden(item) for name, item in value.items()}
    if isinstance(value, list):
        return [as_golden(item) for item in value]
    return value if isinstance(value, str) else {"tensor": value.tolist()}


def asked(call: dict[str, Any], tokenizer: PreTrainedTokenizerFast, *, by_steps: bool) -> Any:
    _, entry, _ = check_task(call["task"])
    task = call["task"]
    if task == "translation":
        # What `pipeline` does.
        task = next((name for name in call["config"].get("task_specific_params", ()) if "_to_" in name), task)
    ask = entry["impl"](Replay(call), tokenizer, task=task, **call["options"])
    if by_steps:
        ask._engine_takes = lambda _options: False
    outputs = ask(iter(call["inputs"]) if call["is_stream"] else call["inputs"], **call["arguments"])
    return list(outputs) if call["is_stream"] else outputs


@pytest.mark.parametrize("by_steps", [False, True])
@pytest.mark.parametrize("index", range(len(CALLS)))
def test_results_are_those_of_transformers(
    index: int,
    by_steps: bool,
    tokenizer_of: Callable[[bool], PreTrainedTokenizerFast],
    caplog: pytest.LogCaptureFixture,
) -> None:
    call = CALLS[index]
    tokenizer = tokenizer_of(call["has_languages"])
    if "error" not in call:
        assert as_golden(asked(call, tokenizer, by_steps=by_steps)) == call["outputs"]
        # A batch of transformers counts padding.
        if "batch_size" not in call["arguments"] | call["options"]:
            found = [record.message for record in caplog.records if record.message.startswith(("max_length", "min_le"))]
            assert len(found) == len(call["warnings"])
    elif OF_GENERATE not in call["error"]["message"]:
        with pytest.raises(InputError):
            asked(call, tokenizer, by_steps=by_steps)
