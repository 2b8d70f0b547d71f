"""Arguments of the text generation pipeline, including those of `generate`."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._checks.arguments import flag, kind
from trustformers.errors import InputError, UnsupportedError
from trustformers.generation.config import keys_of, known_keys
from trustformers.generation.mixin import GenerationMixin
from trustformers.pipelines.arguments import Check, listed, text

if TYPE_CHECKING:
    from trustformers.models.auto import AutoModelForCausalLM, AutoModelForSeq2SeqLM
    from trustformers.pipelines.base import Pipeline
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = [
    "ENCODE",
    "RESULT",
    "SINGLE_PROMPT",
    "ReturnType",
    "assistant_of",
    "num_prompts",
    "options_of",
    "run_generate",
    "stated_settings",
    "with_defaults",
]


# More prompts than a batch has.
_ALL = sys.maxsize


def num_prompts(pipeline: Any, generate: Mapping[str, Any], default: int) -> int:
    """The number of prompts that a pipeline passes to `generate` at once, unless a call sets `batch_size`."""
    if pipeline.assistant_model is not None or any(generate.get(name) for name in SINGLE_PROMPT):
        return 1
    is_continuous = pipeline._is_continuous and pipeline.model._is_batched(pipeline._settings({**generate}))
    return _ALL if is_continuous else default


def run_generate(pipeline: Pipeline, *args: Any, **kwargs: Any) -> Any:
    """Calls `generate` of a pipeline's model, or its `generate_async` if the pipeline batches continuously."""
    model: Any = pipeline.model
    return (
        model.generate_async(*args, **kwargs).result() if pipeline._is_continuous else model.generate(*args, **kwargs)
    )


class ReturnType(enum.Enum):
    """The content of a result: token ids, the new text, or the prompt and the new text."""

    TENSORS = 0
    NEW_TEXT = 1
    FULL_TEXT = 2


def _return_type(name: str, value: object) -> ReturnType:
    # The ReturnType of transformers is another enumeration with the same members.
    if isinstance(value, enum.Enum) and value.name in ReturnType.__members__:
        return ReturnType[value.name]
    raise InputError(f"{name}: expected a member of ReturnType, found {kind(value)}")


def _long_generation(name: str, value: object) -> str:
    if value == "hole":
        return "hole"
    raise InputError(f'{name}: expected "hole" or None, found {kind(value)}')


def _mapping(name: str, value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise InputError(f"{name}: expected a mapping, found {kind(value)}")


def _any(_name: str, value: object) -> object:
    return value


_CHECKS: Mapping[str, Check] = {
    "add_special_tokens": flag,
    "clean_up_tokenization_spaces": flag,
    "continue_final_message": flag,
    "documents": _any,
    "handle_long_generation": _long_generation,
    "padding": _any,
    "prefix": text,
    "return_full_text": flag,
    "return_tensors": flag,
    "return_text": flag,
    "return_type": _return_type,
    "skip_special_tokens": flag,
    "stop_sequence": listed,
    "tokenizer_encode_kwargs": _mapping,
    "tools": _any,
    "truncation": _any,
}


def assistant_of(
    pipeline: Pipeline,
    auto_class: type[AutoModelForCausalLM | AutoModelForSeq2SeqLM],
    given: GenerationMixin | str | os.PathLike[str] | None,
    tokenizer: PreTrainedTokenizerFast | None,
) -> GenerationMixin | None:
    """The model that drafts tokens for a pipeline's, loaded if it is given by its path.

    Raises
    ------
    InputError
        Naming `assistant_model` if it is neither a model that generates text nor a path.
    UnsupportedError
        If its tokenizer has another vocabulary than the pipeline's.
    """
    if tokenizer is not None and tokenizer.get_vocab() != pipeline.tokenizer.get_vocab():
        raise UnsupportedError("not supported: an assistant_tokenizer with another vocabulary than the model's")
    if isinstance(given, (str, os.PathLike)):
        given = auto_class.from_pretrained(given, device=pipeline.device, dtype=pipeline.model._native.dtype)
    if given is None or isinstance(given, GenerationMixin):
        return given
    raise InputError(f"assistant_model: expected a model of {auto_class.__name__} or its path, found {kind(given)}")


# Arguments of encoding and of results; all others are those of `generate`, and `max_length` of both.
ENCODE = (
    "add_special_tokens",
    "continue_final_message",
    "documents",
    "handle_long_generation",
    "padding",
    "prefix",
    "tokenizer_encode_kwargs",
    "tools",
    "truncation",
)
# Arguments that keep prompts from being batched unless a batch size is given, as in transformers.
SINGLE_PROMPT = (
    "assistant_model",
    "prefix_allowed_tokens_fn",
    "prompt_lookup_num_tokens",
    "return_dict_in_generate",
    "streamer",
)
RESULT = (
    "clean_up_tokenization_spaces",
    "continue_final_message",
    "return_type",
    "skip_special_tokens",
)


def options_of(given: Mapping[str, object]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The arguments of encoding, of `generate` and of results, checked.

    Raises
    ------
    InputError
        A value is invalid, or two values contradict each other.
    """
    options = {
        name: check(name, given[name]) for name, check in _CHECKS.items() if name in given and given[name] is not None
    }
    generate = {name: value for name, value in given.items() if name not in _CHECKS}
    encode = {name: options[name] for name in ENCODE if name in options}
    if generate.get("max_length", 0) is None:
        del generate["max_length"]
    elif "max_length" in generate:
        # An argument of both the tokenizer and `generate`.
        encode["max_length"] = generate["max_length"]
    result = {name: options[name] for name in RESULT if name in options}
    if "return_type" not in options:
        requested = [name for name in ("return_full_text", "return_text", "return_tensors") if name in options]
        if len(requested) > 1:
            raise InputError(f"{requested[0]}: contradicts {' and '.join(requested[1:])}; pass one of them")
        if "return_full_text" in requested:
            result["return_type"] = ReturnType.FULL_TEXT if options["return_full_text"] else ReturnType.NEW_TEXT
        if "return_tensors" in requested:
            result["return_type"] = ReturnType.TENSORS if options["return_tensors"] else ReturnType.FULL_TEXT
    if "stop_sequence" in options:
        generate["stop_strings"] = options["stop_sequence"]
    return encode, generate, result


def stated_settings(model: GenerationMixin, given: Mapping[str, Any]) -> _native.StatedSettings:
    """The settings that a call, its `generation_config` and the model set explicitly."""
    config = given.get("generation_config")
    return _native.StatedSettings(
        model.generation_config.to_dict(),
        None if config is None else keys_of(config),
        {name: value for name, value in given.items() if name in known_keys()},
    )


def with_defaults(
    model: GenerationMixin, tokenizer: PreTrainedTokenizerFast, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments, with the pipeline's defaults for keys that neither the call nor the model sets."""
    return {**given, **stated_settings(model, given).defaults(tokenizer.pad_token_id)}
