"""Padding of encoded rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trustformers import _native
from trustformers._checks.arguments import kind, length, strategy
from trustformers._checks.tensors import kind_of
from trustformers.errors import InputError

# Padding values by key; other keys are not padded.
_FILL = {"attention_mask": 0, "token_type_ids": 0, "special_tokens_mask": 1}


def padding_strategy(padding: object) -> str:
    """The name of a padding strategy, given as a bool or a name.

    Raises
    ------
    InputError
        There is no such strategy.
    """
    name = strategy("padding", padding, on="longest", off="do_not_pad")
    _native.check_padding(name)
    return name


def listed(encoded_inputs: Any) -> dict[str, Any]:
    """Inputs by name, as lists, from a mapping or a list of examples."""
    if isinstance(encoded_inputs, (list, tuple)) and encoded_inputs and isinstance(encoded_inputs[0], Mapping):
        first = encoded_inputs[0]
        for index, example in enumerate(encoded_inputs):
            if not isinstance(example, Mapping) or set(example) != set(first):
                raise InputError(f"encoded_inputs: example {index} does not have the keys of the first, {list(first)}")
        inputs = {key: [example[key] for example in encoded_inputs] for key in first}
    elif isinstance(encoded_inputs, Mapping):
        inputs = dict(encoded_inputs)
    else:
        raise InputError(f"encoded_inputs: expected a mapping or a list of mappings, found {kind(encoded_inputs)}")
    return {key: _plain(value) for key, value in inputs.items()}


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, (list, tuple)) and value and hasattr(value[0], "tolist"):
        return [item.tolist() if hasattr(item, "tolist") else item for item in value]
    return value


def kind_of_tensors(encoded_inputs: Any, name: str) -> str | None:
    """The tensor type of the inputs; None for lists."""
    value = encoded_inputs
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
        value = value[0]
    value = value.get(name) if isinstance(value, Mapping) else None
    return kind_of(value)


def pad(
    inputs: dict[str, Any],
    *,
    name: str,
    pad_id: int,
    side: str,
    padding: bool | str,
    max_length: int | None,
    multiple: int | None,
    with_mask: bool,
) -> dict[str, Any]:
    """Pads the rows of `name` and of the masks beside it to one length.

    Raises
    ------
    InputError
        A row is not a list, rows of different keys differ in number, or an option is invalid.
    """
    if side not in ("left", "right"):
        raise InputError(f'padding_side: {side!r} is not one of "left", "right"')
    name_of_strategy = padding_strategy(padding)
    if length("pad_to_multiple_of", multiple) == 0:
        raise InputError("pad_to_multiple_of: 0 is not a length; pass at least 1")
    rows = inputs[name]
    is_batch = isinstance(rows[0], (list, tuple))
    batch = inputs if is_batch else {key: [value] for key, value in inputs.items()}
    rows = _rows(name, batch[name])
    for key, value in batch.items():
        if not isinstance(value, (list, tuple)) or len(value) != len(rows):
            raise InputError(f"encoded_inputs: {key!r} does not hold one value for each of the {len(rows)} rows")
    padded = dict(batch)
    if with_mask and "attention_mask" not in padded:
        padded["attention_mask"] = [[1] * len(row) for row in rows]
    target = max(map(len, rows), default=0) if name_of_strategy == "longest" else max_length
    if name_of_strategy != "do_not_pad" and target is not None:
        target = -(-target // (multiple or 1)) * (multiple or 1)
        limit = _native.MAX_TOKENS
        if target * len(rows) > limit:
            raise InputError(f"padding: {len(rows)} rows of {target} tokens are more than {limit} together")
        fills = {key: fill for key, fill in _FILL.items() if key in padded} | {name: pad_id}
        if not with_mask:
            fills.pop("attention_mask", None)
        for key, fill in fills.items():
            padded[key] = [
                _filled(row, [fill] * (target - len(ids)), side)
                for row, ids in zip(_rows(key, padded[key]), rows, strict=True)
            ]
    return padded if is_batch else {key: value[0] for key, value in padded.items()}


def _rows(key: str, rows: Sequence[Any]) -> list[list[Any]]:
    for index, row in enumerate(rows):
        if not isinstance(row, (list, tuple)):
            raise InputError(f"encoded_inputs: expected a list in row {index} of {key!r}, found {kind(row)}")
    return [list(row) for row in rows]


def _filled(row: list[Any], fill: list[int], side: str) -> list[Any]:
    return row + fill if side == "right" else fill + row
