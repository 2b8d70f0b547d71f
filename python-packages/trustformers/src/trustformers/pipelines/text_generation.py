"""Text generation."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation.config import known_keys
from trustformers.generation.mixin import GenerationMixin
from trustformers.models.auto import AutoModelForCausalLM
from trustformers.models.outputs import ModelOutput
from trustformers.pipelines.base import Pipeline, names_with, native_call
from trustformers.pipelines.conversations import Chat, as_prompt, as_prompts
from trustformers.pipelines.generation_arguments import ReturnType, options_of, stated_settings, with_defaults
from trustformers.pipelines.sequences import fields_by_sequence

if TYPE_CHECKING:
    from trustformers.models.base import PreTrainedModel
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = ["ReturnType", "TextGenerationPipeline"]

Messages: TypeAlias = Sequence[Mapping[str, Any]]
Results: TypeAlias = list[dict[str, Any]]

# Arguments that keep prompts from being batched unless a batch size is given, as in transformers.
_SINGLE_PROMPT = (
    "assistant_model",
    "prefix_allowed_tokens_fn",
    "prompt_lookup_num_tokens",
    "return_dict_in_generate",
    "streamer",
)


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
    model: GenerationMixin

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        *,
        assistant_model: GenerationMixin | str | os.PathLike[str] | None = None,
        assistant_tokenizer: PreTrainedTokenizerFast | None = None,
        **options: Any,
    ) -> None:
        super().__init__(model, tokenizer, **options)
        # The constructor's max_length is an argument of generation only, not of the tokenizer.
        self._options.pop("max_length", None)
        self.assistant_model: GenerationMixin | None = self._assistant(assistant_model)
        if assistant_tokenizer is not None and assistant_tokenizer.get_vocab() != tokenizer.get_vocab():
            raise UnsupportedError("not supported: an assistant_tokenizer with another vocabulary than the model's")

    def _prepare(self) -> None:
        if not isinstance(self.model, GenerationMixin):
            raise InputError(
                f"model: {self.task} needs a model of a class such as AutoModelForCausalLM, found a "
                f"{type(self.model).__name__}; the classes are {', '.join(names_with('causal_lm'))}"
            )
        self.tokenizer.padding_side = "left"

    def _assistant(self, given: GenerationMixin | str | os.PathLike[str] | None) -> GenerationMixin | None:
        if isinstance(given, (str, os.PathLike)):
            given = AutoModelForCausalLM.from_pretrained(given, device=self.device, dtype=self.model._native.dtype)
        if given is None or isinstance(given, GenerationMixin):
            return given
        raise InputError(f"assistant_model: expected a causal language model or its path, found {kind(given)}")

    @overload
    def __call__(self, text_inputs: str | Messages, **options: Any) -> Results: ...
    @overload
    def __call__(self, text_inputs: Sequence[str] | Sequence[Messages], **options: Any) -> list[Results]: ...
    @overload
    def __call__(self, text_inputs: Iterator[str] | Iterator[Messages], **options: Any) -> Iterator[Results]: ...
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

    def _checked(self, given: Mapping[str, object]) -> dict[str, Any]:
        return options_of(given)

    def _merged(self, options: dict[str, Any]) -> dict[str, Any]:
        defaults = self._options["generate"]
        if "generation_config" in options["generate"]:
            defaults = {
                name: value for name, value in defaults.items() if name not in known_keys() | {"generation_config"}
            }
        return {**self._options, **options, "generate": {**defaults, **options["generate"]}}

    def _default_batch_size(self, options: dict[str, Any]) -> int:
        is_unbatched = self.assistant_model is not None or any(options["generate"].get(name) for name in _SINGLE_PROMPT)
        return 1 if is_unbatched else super()._default_batch_size(options)

    def _window_size(self, _options: dict[str, Any], batch_size: int) -> int:
        return batch_size

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        prompts = [as_prompt(value) for value in inputs]
        results: list[Any] = []
        for start in range(0, len(prompts), batch_size):
            results += self._generate(prompts[start : start + batch_size], options)
        return results

    def _generate(self, prompts: Sequence[str | Chat], options: dict[str, Any]) -> Iterable[Results]:
        kwargs = with_defaults(self.model, self.tokenizer, options["generate"])
        prefix = options.get("prefix", getattr(self.model.config, "prefix", None)) or ""
        settings = stated_settings(self.model, kwargs)
        rows = [self._encoded(prompt, prefix, options, settings) for prompt in prompts]
        if prefix:
            kwargs.update(settings.with_prefix(self._prefix_len(prefix, options)))
        if "stop_sequence" in options:
            kwargs["stop_strings"] = options["stop_sequence"]
        if self.assistant_model is not None:
            kwargs.setdefault("assistant_model", self.assistant_model)
        width = max(len(ids) for ids, _ in rows)
        shape = (len(rows), width)
        ids = np.array([[0] * (width - len(ids)) + ids for ids, _ in rows], np.int64).reshape(shape)
        mask = np.array([[0] * (width - len(mask)) + mask for _, mask in rows], np.int64).reshape(shape)
        output = self.model.generate(ids, attention_mask=mask, **{"tokenizer": self.tokenizer, **kwargs})
        sequences = output["sequences"] if isinstance(output, ModelOutput) else output
        fields = fields_by_sequence(output, len(sequences)) if isinstance(output, ModelOutput) else {}
        has_criteria = bool(kwargs.get("stopping_criteria"))
        by_prompt = stated_settings(self.model, kwargs).rows_as_alone(sequences, [ids for ids, _ in rows], has_criteria)
        count = len(sequences) // len(rows)
        for index, (prompt, (prompt_ids, _)) in enumerate(zip(prompts, rows, strict=True)):
            results = self._results(prompt, by_prompt[index], len(prompt_ids), options)
            yield [
                result | {name: values[index * count + row] for name, values in fields.items()}
                if "generated_text" in result
                else result
                for row, result in enumerate(results)
            ]

    def _encoded(
        self, prompt: str | Chat, prefix: str, options: dict[str, Any], settings: _native.StatedSettings
    ) -> tuple[list[int], list[int]]:
        """The token ids and the attention mask of a prompt."""
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
                return_tensors=None,
                **given,
            )
        else:
            encoded = native_call(self.tokenizer, prefix + prompt, return_tensors=None, **given)
        ids = encoded["input_ids"]
        if ids and not isinstance(ids[0], int):
            raise InputError("tokenizer_encode_kwargs: one prompt was encoded to several rows")
        mask = encoded.get("attention_mask", [1] * len(ids))
        if options.get("handle_long_generation") == "hole":
            # Without a limit model_max_length is 10**30, as in transformers.
            length = settings.kept_prompt_len(len(ids), min(self.tokenizer.model_max_length, sys.maxsize))
            ids, mask = ids[len(ids) - length :], mask[len(ids) - length :]
        return ids, mask

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


def _shaped(prompt: str | Chat, result: list[int] | str | tuple[str, str, bool]) -> dict[str, Any]:
    if isinstance(result, list):
        return {"generated_token_ids": result}
    if isinstance(result, str) or isinstance(prompt, str):
        return {"generated_text": result}
    role, content, replaces_last = result
    return {"generated_text": prompt.with_message(role, content, replaces_last=replaces_last)}
