"""Arguments of the pipeline that generates, and those of `generate` among them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trustformers._checks.arguments import flag, kind
from trustformers.errors import InputError
from trustformers.pipelines.arguments import Check, listed, text

if TYPE_CHECKING:
    from trustformers.generation.mixin import GenerationMixin
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = ["ReturnType", "options_of", "stated", "with_defaults"]

# Those of transformers 5.23.0, pipelines/text_generation.py.
_DEFAULTS = {"max_new_tokens": 256, "do_sample": True, "temperature": 0.7}


class ReturnType(enum.Enum):
    """The content of a result: token ids, the new text, or the prompt and the new text."""

    TENSORS = 0
    NEW_TEXT = 1
    FULL_TEXT = 2


def _return_type(name: str, value: object) -> ReturnType:
    # That of transformers is another enumeration of the same values.
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


def options_of(given: Mapping[str, object]) -> dict[str, Any]:
    """The pipeline's own options, checked, and the others as `generate`.

    Raises
    ------
    InputError
        A value has no meaning, or two of them contradict each other.
    """
    own = {
        name: check(name, given[name]) for name, check in _CHECKS.items() if name in given and given[name] is not None
    }
    generate = {name: value for name, value in given.items() if name not in _CHECKS}
    if "max_length" in generate:
        # Both of the tokenizer and of generation.
        own["max_length"] = generate["max_length"]
        if own["max_length"] is None:
            del own["max_length"], generate["max_length"]
    if "return_type" not in own:
        asked = [name for name in ("return_full_text", "return_text", "return_tensors") if name in own]
        if len(asked) > 1:
            raise InputError(f"{asked[0]}: contradicts {' and '.join(asked[1:])}; pass one of them")
        if "return_full_text" in asked:
            own["return_type"] = ReturnType.FULL_TEXT if own["return_full_text"] else ReturnType.NEW_TEXT
        if "return_tensors" in asked:
            own["return_type"] = ReturnType.TENSORS if own["return_tensors"] else ReturnType.FULL_TEXT
    return {**own, "generate": generate}


def stated(model: GenerationMixin, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call over its `generation_config` over the model's."""
    config = given.get("generation_config")
    # An object of transformers lists what it does not say as None.
    said = {} if config is None else dict(config if isinstance(config, Mapping) else config.to_dict())
    said = {name: value for name, value in said.items() if value is not None}
    return {**model.generation_config.to_dict(), **said, **given}


def with_defaults(
    model: GenerationMixin, tokenizer: PreTrainedTokenizerFast, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments, with the pipeline's defaults for those that neither they nor the model's configuration set."""
    said = stated(model, given)
    defaults: dict[str, Any] = dict(_DEFAULTS)
    if tokenizer.pad_token_id is not None:
        defaults["pad_token_id"] = tokenizer.pad_token_id
    # A number of new tokens would come before the whole length that somebody asked for.
    if "max_length" in said:
        del defaults["max_new_tokens"]
    added = {name: value for name, value in defaults.items() if name not in said}
    if not {**said, **added}.get("do_sample"):
        added.pop("temperature", None)
    return {**given, **added}
