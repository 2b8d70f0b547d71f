"""Arguments of the pipeline that generates, and those of `generate` among them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._checks.arguments import flag, kind
from trustformers.errors import InputError
from trustformers.generation.config import keys_of, known_keys
from trustformers.pipelines.arguments import Check, listed, text

if TYPE_CHECKING:
    from trustformers.generation.mixin import GenerationMixin
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = ["ReturnType", "options_of", "stated", "with_defaults"]


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


def stated(model: GenerationMixin, given: Mapping[str, Any]) -> _native.StatedSettings:
    """The settings of a call, of its `generation_config` and of the model."""
    config = given.get("generation_config")
    return _native.StatedSettings(
        model.generation_config.to_dict(),
        None if config is None else keys_of(config),
        {name: value for name, value in given.items() if name in known_keys()},
    )


def with_defaults(
    model: GenerationMixin, tokenizer: PreTrainedTokenizerFast, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments, with the pipeline's defaults for those that neither they nor the model's configuration set."""
    return {**given, **stated(model, given).defaults(tokenizer.pad_token_id)}
