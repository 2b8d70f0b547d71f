"""Text generation."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array, as_tensor, kind_of
from trustformers.errors import InputError
from trustformers.generation.config import known_keys
from trustformers.generation.mixin import GenerationMixin
from trustformers.models.auto import AutoModelForCausalLM
from trustformers.models.outputs import ModelOutput as ModelOutput  # noqa: PLC0414
from trustformers.pipelines.arguments import given_only
from trustformers.pipelines.base import Pipeline as Pipeline  # noqa: PLC0414
from trustformers.pipelines.base import names_with, native_call
from trustformers.pipelines.conversations import Chat, as_prompt, as_prompts
from trustformers.pipelines.datasets import Stream
from trustformers.pipelines.generation_arguments import (
    ENCODE,
    RESULT,
    ReturnType,
    assistant_of,
    num_prompts,
    options_of,
    run_generate,
    stated_settings,
    with_defaults,
)
from trustformers.pipelines.sequences import fields_by_sequence
from trustformers.pipelines.steps import Parameters, tensor_type

if TYPE_CHECKING:
    from trustformers._views.pipelines_text_generation import *  # noqa: F403
    from trustformers.models.base import PreTrainedModel
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = ["ReturnType", "TextGenerationPipeline"]

Messages: TypeAlias = Sequence[Mapping[str, Any]]
Results: TypeAlias = list[dict[str, Any]]

# Arguments of `generate` that it calls.
_CALLED = ("logits_processor", "prefix_allowed_tokens_fn", "stopping_criteria", "streamer")
# What `_forward` returns besides the further fields of the output of `generate`.
_FORWARD = ("generated_sequence", "input_ids", "prompt_text")


class TextGenerationPipeline(Pipeline):
    """Continues texts and answers conversations, with a causal language model.

    By default, 256 tokens are sampled at temperature 0.7; the model's generation configuration takes precedence.

    Parameters
    ----------
    assistant_model
        A smaller model with the same vocabulary that drafts tokens, or its directory or hub repository.
    **options
        Default arguments of calls. A call with a `generation_config` ignores the defaults that are keys of
        `GenerationConfig`.
    """

    task = "text-generation"
    _load_tokenizer = True
    model: GenerationMixin

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast | None = None,
        *,
        assistant_model: GenerationMixin | str | os.PathLike[str] | None = None,
        assistant_tokenizer: PreTrainedTokenizerFast | None = None,
        **options: Any,
    ) -> None:
        self.assistant_model: GenerationMixin | None = None
        # Settings of generation that apply to every call, unless it has a `generation_config`.
        self._generate_kwargs = {
            name: options.pop(name) for name in known_keys() | {"generation_config"} if name in options
        }
        super().__init__(model, tokenizer, **options)
        self.assistant_model = assistant_of(self, AutoModelForCausalLM, assistant_model, assistant_tokenizer)
        self.assistant_tokenizer = assistant_tokenizer
        prefix = getattr(self.model.config, "prefix", None)
        if prefix is not None:
            self._preprocess_params.setdefault("prefix", prefix)
            if prefix:
                self._forward_params.setdefault("prefix_length", self._prefix_len(prefix, self._preprocess_params))

    def _prepare(self) -> None:
        if not isinstance(self.model, GenerationMixin):
            raise InputError(
                f"model: {self.task} needs a model of a class such as AutoModelForCausalLM, found a "
                f"{type(self.model).__name__}; the classes are {', '.join(names_with('causal_lm'))}"
            )
        if getattr(self.model.config, "is_encoder_decoder", False):
            raise InputError(
                f"model: {self.task} needs a causal language model, found a {type(self.model).__name__}; the tasks of "
                "encoder-decoders are text2text-generation, summarization and translation"
            )
        if self.tokenizer.padding_side != "left":
            self.tokenizer.padding_side = "left"

    @overload
    def __call__(self, text_inputs: str | Messages, **options: Any) -> Results: ...
    @overload
    def __call__(self, text_inputs: Sequence[str] | Sequence[Messages], **options: Any) -> list[Results]: ...
    @overload
    def __call__(self, text_inputs: Stream, **options: Any) -> Iterator[Results]: ...
    def __call__(self, text_inputs: Any, **options: Any) -> Any:
        """Continues texts or conversations.

        Parameters
        ----------
        text_inputs
            A text; a conversation, which is a list of dicts with `"role"` and `"content"` that the tokenizer's chat
            template renders; or a list or an iterator of either.
        return_full_text
            Whether the generated text includes the prompt, by default True.
        return_tensors
            Whether to return token ids instead of text.
        return_text
            Whether to return text; cannot be combined with `return_full_text` and `return_tensors`.
        return_type
            A member of `ReturnType`; takes precedence over the arguments above.
        skip_special_tokens, clean_up_tokenization_spaces
            As for the tokenizer's `decode`; special tokens are skipped by default.
        prefix
            A text to prepend to each text; results do not include it.
        handle_long_generation
            "hole" truncates a prompt on the left if the prompt and the new tokens are longer than the tokenizer's
            `model_max_length`.
        stop_sequence
            One or several strings that end the generation.
        continue_final_message
            Whether to continue the last message; by default only if its role is "assistant".
        tools, documents
            As for `apply_chat_template`.
        add_special_tokens, truncation, padding, max_length
            As for the tokenizer; `max_length` is also passed to `generate`.
        tokenizer_encode_kwargs
            More arguments of the tokenizer, or of `apply_chat_template`.
        batch_size, num_workers
            As for the pipeline.
        **options
            Arguments of the model's `generate`.

        Returns
        -------
        list
            For each sequence a dict of `generated_text`, which is a conversation for a conversation, or of
            `generated_token_ids`; a list of such lists for several inputs.

        Raises
        ------
        InputError
            An input is neither a text nor a conversation, there is no chat template, or arguments are invalid or
            contradict each other.
        """
        return self._call(as_prompts(text_inputs), options)

    def _sanitize_parameters(self, **kwargs: Any) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`; `preprocess` has those of `generate` too."""
        encode, generate, result = options_of(kwargs)
        preprocess = {**encode, **{name: value for name, value in generate.items() if name != "stop_strings"}}
        forward = {**generate}
        if encode.get("prefix"):
            forward["prefix_length"] = self._prefix_len(encode["prefix"], encode)
        return preprocess, forward, result

    def preprocess(
        self,
        prompt_text: Any,
        prefix: str = "",
        *,
        handle_long_generation: str | None = None,
        add_special_tokens: bool | None = None,
        truncation: Any = None,
        padding: Any = None,
        max_length: int | None = None,
        continue_final_message: bool | None = None,
        tokenizer_encode_kwargs: Mapping[str, Any] | None = None,
        tools: Any = None,
        documents: Any = None,
        **generate_kwargs: Any,
    ) -> Any:
        """Encodes a text or a conversation, which is also the value of `prompt_text`.

        Parameters
        ----------
        prompt_text
            A text, a `Chat` or a list of messages.
        prefix, handle_long_generation, add_special_tokens, truncation, padding, max_length
            As for a call.
        continue_final_message, tokenizer_encode_kwargs, tools, documents
            As for a call.
        **generate_kwargs
            Arguments of `generate`.
        """
        options = given_only(
            prefix=prefix,
            handle_long_generation=handle_long_generation,
            add_special_tokens=add_special_tokens,
            truncation=truncation,
            padding=padding,
            max_length=max_length,
            continue_final_message=continue_final_message,
            tokenizer_encode_kwargs=tokenizer_encode_kwargs,
            tools=tools,
            documents=documents,
        )
        prompt = as_prompt(prompt_text)
        encoded = self._encoded(prompt, tensor_type(), {**options, **generate_kwargs})
        encoded["prompt_text"] = prompt
        return encoded

    def _encoded(self, prompt: str | Chat, return_tensors: str | None, options: dict[str, Any]) -> Any:
        names = ("add_special_tokens", "truncation", "padding", "max_length")
        given = {name: options[name] for name in names if name in options} | options.get("tokenizer_encode_kwargs", {})
        if isinstance(prompt, Chat):
            given.pop("add_special_tokens", None)
            continues = native_call(prompt.continues_last_message, options.get("continue_final_message"))
            encoded = self.tokenizer.apply_chat_template(
                prompt.messages,
                tools=options.get("tools"),
                documents=options.get("documents"),
                add_generation_prompt=not continues,
                continue_final_message=continues,
                return_dict=True,
                return_tensors=return_tensors,
                **given,
            )
        else:
            text = (options.get("prefix") or "") + prompt
            encoded = native_call(self.tokenizer, text, return_tensors=return_tensors, **given)
        ids = encoded["input_ids"]
        is_row = return_tensors is None
        if len(ids) > 0 and not isinstance(ids[0], int) if is_row else len(ids) != 1:
            raise InputError("tokenizer_encode_kwargs: one prompt was encoded to several rows")
        if options.get("handle_long_generation") == "hole":
            generate = {name: value for name, value in options.items() if name not in ENCODE}
            settings = stated_settings(self.model, self._with_defaults(generate))
            tokens = len(ids) if is_row else ids.shape[-1]
            # Without a limit model_max_length is 10**30, as in transformers.
            length = settings.kept_prompt_len(tokens, min(self.tokenizer.model_max_length, sys.maxsize))
            for name in ("input_ids", "attention_mask"):
                if name in encoded:
                    kept = slice(tokens - length, None)
                    encoded[name] = encoded[name][kept] if is_row else encoded[name][:, kept]
        return encoded

    def _with_defaults(self, generate_kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `generate`, with those of the pipeline and its defaults."""
        if "generation_config" not in generate_kwargs:
            generate_kwargs = {**self._generate_kwargs, **generate_kwargs}
        return with_defaults(self.model, self.tokenizer, generate_kwargs)

    def _forward(self, model_inputs: Any, **generate_kwargs: Any) -> dict[str, Any]:
        ids = model_inputs["input_ids"]
        output = self._generated(ids, model_inputs.get("attention_mask"), self._settings(generate_kwargs))
        sequences = output["sequences"] if isinstance(output, ModelOutput) else output
        outputs = {
            "generated_sequence": sequences.reshape(len(ids), len(sequences) // len(ids), -1),
            "input_ids": ids,
            "prompt_text": model_inputs["prompt_text"],
        }
        if isinstance(output, ModelOutput):
            count = len(sequences)
            for name, array in fields_by_sequence(output, count).items():
                rows = array.reshape(len(ids), count // len(ids), *array.shape[1:])
                outputs[name] = as_tensor(name, rows, kind_of(ids) or "np")
        return outputs

    def _generated(self, ids: Any, mask: Any, kwargs: dict[str, Any]) -> Any:
        return run_generate(self, ids, attention_mask=mask, **{"tokenizer": self.tokenizer, **kwargs})

    def _settings(self, generate_kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `generate`, with the defaults, the length of a prefix and the assistant."""
        kwargs = {**generate_kwargs}
        prefix_length = kwargs.pop("prefix_length", 0)
        kwargs = self._with_defaults(kwargs)
        if prefix_length:
            kwargs.update(stated_settings(self.model, kwargs).with_prefix(prefix_length))
        if self.assistant_model is not None:
            kwargs.setdefault("assistant_model", self.assistant_model)
        return kwargs

    def postprocess(
        self,
        model_outputs: Any,
        return_type: ReturnType = ReturnType.FULL_TEXT,
        clean_up_tokenization_spaces: bool | None = None,
        *,
        continue_final_message: bool | None = None,
        skip_special_tokens: bool | None = None,
        tools: Any = None,
    ) -> Results:
        """The results of one prompt, a dict for each sequence.

        Parameters
        ----------
        model_outputs
            A dict of `generated_sequence` (1, sequences, seq), `input_ids` (1, seq) and `prompt_text`, and of other
            fields of the output of `generate`.
        return_type, clean_up_tokenization_spaces, continue_final_message, skip_special_tokens
            As for a call.
        tools
            Without effect.
        """
        del tools
        others = {name: value for name, value in model_outputs.items() if name not in _FORWARD}
        fields = {name: as_array(value[0]).tolist() for name, value in others.items()}
        results = self._results(
            model_outputs["prompt_text"],
            as_array(model_outputs["generated_sequence"][0]).tolist(),
            model_outputs["input_ids"].shape[-1],
            {
                "return_type": return_type,
                "clean_up_tokenization_spaces": clean_up_tokenization_spaces,
                "continue_final_message": continue_final_message,
                "skip_special_tokens": True if skip_special_tokens is None else skip_special_tokens,
            },
        )
        return _with_fields(results, fields)

    def _default_batch_size(self, options: dict[str, Any]) -> int:
        generate = {name: value for name, value in options.items() if name not in ENCODE and name not in RESULT}
        return num_prompts(self, generate, super()._default_batch_size(options))

    def _window_size(self, _options: dict[str, Any], batch_size: int) -> int:
        return batch_size

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        prompts = [as_prompt(value) for value in inputs]
        results: list[Any] = []
        for start in range(0, len(prompts), batch_size):
            results += self._generate(prompts[start : start + batch_size], options)
        return results

    def _generate(self, prompts: Sequence[str | Chat], options: dict[str, Any]) -> Iterable[Results]:
        generate = {name: value for name, value in options.items() if name not in ENCODE and name not in RESULT}
        encoded = [self._encoded(prompt, None, options) for prompt in prompts]
        rows = [row["input_ids"] for row in encoded]
        masks = [row.get("attention_mask", [1] * len(ids)) for row, ids in zip(encoded, rows, strict=True)]
        width = max(map(len, rows))
        ids, mask = (
            np.array([[0] * (width - len(row)) + row for row in lists], np.int64).reshape(len(rows), width)
            for lists in (rows, masks)
        )
        kwargs = self._settings(generate)
        if any(kwargs.get(name) for name in _CALLED):
            # What a script gives to `generate` gets tensors, as from the steps.
            ids, mask = (as_tensor("inputs", array, tensor_type()) for array in (ids, mask))
        output = self._generated(ids, mask, kwargs)
        sequences = as_array(output["sequences"] if isinstance(output, ModelOutput) else output)
        fields = fields_by_sequence(output, len(sequences)) if isinstance(output, ModelOutput) else {}
        has_criteria = bool(kwargs.get("stopping_criteria"))
        by_prompt = stated_settings(self.model, kwargs).rows_as_alone(sequences, rows, has_criteria)
        count = len(sequences) // len(rows)
        for index, (prompt, row) in enumerate(zip(prompts, rows, strict=True)):
            own = {name: array[index * count :][:count].tolist() for name, array in fields.items()}
            yield _with_fields(self._results(prompt, by_prompt[index], len(row), options), own)

    def _prefix_len(self, prefix: str, options: dict[str, Any]) -> int:
        special = options.get("add_special_tokens", False)
        return len(self.tokenizer(prefix, add_special_tokens=special)["input_ids"])

    def _results(
        self, prompt: str | Chat, sequences: list[list[int]], prompt_len: int, options: dict[str, Any]
    ) -> Results:
        results = _native.generation_results(
            self.tokenizer._native,
            prompt if isinstance(prompt, str) else prompt.last_message,
            sequences,
            prompt_len,
            return_type=options.get("return_type", ReturnType.FULL_TEXT).name.lower(),
            skip_special_tokens=options.get("skip_special_tokens", True),
            clean_up_tokenization_spaces=options.get("clean_up_tokenization_spaces"),
            continue_final_message=options.get("continue_final_message"),
        )
        return [_shaped(prompt, result) for result in results]


def _with_fields(results: Results, fields: Mapping[str, list[Any]]) -> Results:
    """Texts with the further fields of their sequences."""
    return [
        result | {name: values[index] for name, values in fields.items()} if "generated_text" in result else result
        for index, result in enumerate(results)
    ]


def _shaped(prompt: str | Chat, result: list[int] | str | tuple[str, str, bool]) -> dict[str, Any]:
    if isinstance(result, list):
        return {"generated_token_ids": result}
    if isinstance(result, str) or isinstance(prompt, str):
        return {"generated_text": result}
    role, content, replaces_last = result
    return {"generated_text": prompt.with_message(role, content, replaces_last=replaces_last)}
