"""Calls whose rows use different adapters: the rows of each adapter are a call of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers import _native
from trustformers._checks.tensors import as_array
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.outputs import ModelOutput
from trustformers.training.evaluation import nested_concat

if TYPE_CHECKING:
    from trustformers.peft.adapters import Adapters

__all__ = ["call_by_adapter", "generate_by_adapter"]

# The name of rows without an adapter.
_BASE = "__base__"
# Inputs with a row for each example; the first ones by position.
_POSITIONAL = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
_OF_GENERATION = ("inputs", "generation_config")
_OF_DECODER = ("decoder_input_ids", "decoder_attention_mask", "decoder_inputs_embeds")
_ROWS = frozenset({*_POSITIONAL, "inputs", "inputs_embeds", "task_type_ids", *_OF_DECODER})
_NO_CALL = ("labels", "start_positions", "end_positions", "past_key_values", "use_cache", "output_router_logits")
_NO_GENERATION = ("past_key_values", "streamer", "return_dict_in_generate", "assistant_model", "encoder_outputs")


def call_by_adapter(
    adapters: Adapters, function: Callable[..., Any], names: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Any:
    """The outputs of a model, each row with the adapter of its name.

    Parameters
    ----------
    adapters
        The adapters of the model.
    function
        Calls the model.
    names
        For each row the name of an adapter, or "__base__" for none.
    args, kwargs
        The arguments of the call.

    Raises
    ------
    InputError
        There is no such adapter, names and rows differ in number, or the model is in training mode.
    UnsupportedError
        An argument is not supported with `adapter_names`.
    """
    inputs = _named(_POSITIONAL, args, kwargs)
    _refuse(inputs, _NO_CALL)
    is_tuple = inputs.pop("return_dict", None) is False
    # Rows of different adapters have no cache in common.
    inputs["use_cache"] = False
    order, parts = _parts(adapters, function, names, inputs)
    output = parts[0]
    for name in list(output):
        output[name] = _joined([part[name] for part in parts], order)
    return output.to_tuple() if is_tuple else output


def generate_by_adapter(
    adapters: Adapters, function: Callable[..., Any], names: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Any:
    """Sequences that a model generates, each row with the adapter of its name; see `call_by_adapter`."""
    inputs = _named(_OF_GENERATION, args, kwargs)
    _refuse(inputs, _NO_GENERATION)
    order, parts = _parts(adapters, function, names, inputs)
    if any(isinstance(part, ModelOutput) for part in parts):
        raise UnsupportedError("not supported: adapter_names with return_dict_in_generate; leave one of them out")
    config: Any = adapters.model.generation_config
    given = inputs.get("generation_config") or config
    pad = next(
        (value for one in (inputs, vars(given), vars(config)) if (value := one.get("pad_token_id")) is not None), None
    )
    if pad is None:
        eos = inputs.get("eos_token_id", given.eos_token_id)
        pad = eos[0] if isinstance(eos, (list, tuple)) else eos
    return _joined(parts, order, pad)


def _named(names: Sequence[str], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name."""
    if len(args) > len(names):
        raise TypeError(f"expected at most {len(names)} positional arguments, {', '.join(names)}, found {len(args)}")
    return {**dict(zip(names, args, strict=False)), **kwargs}


def _refuse(inputs: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        if inputs.get(name) is not None and inputs[name] is not False:
            raise UnsupportedError(f"not supported: {name} with adapter_names; call the model once for each adapter")


def _parts(
    adapters: Adapters, function: Callable[..., Any], names: Any, inputs: Mapping[str, Any]
) -> tuple[list[int], list[Any]]:
    """The outputs of each adapter's rows, and for each row its index in them one after the other."""
    if isinstance(names, str) or not isinstance(names, (list, tuple)):
        raise InputError(f"adapter_names: expected a list of names, found {type(names).__name__}")
    if adapters.model.training:
        raise InputError("adapter_names: the model is in training mode; call eval() first")
    for name in names:
        if name == _BASE:
            continue
        adapters.check(name)
        if adapters.configs[name].use_dora:
            raise UnsupportedError(f"not supported: adapter_names with DoRA, which {name!r} has; use set_adapter()")
    for name, value in inputs.items():
        if name in _ROWS and value is not None and (count := _num_rows(value)) != len(names):
            raise InputError(f"adapter_names: {len(names)} names for the {count} rows of {name}")
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        groups.setdefault(name, []).append(index)
    parts = []
    for name, rows in groups.items():
        selected = {
            key: _selected(value, rows) if key in _ROWS and value is not None else value
            for key, value in inputs.items()
        }
        with _using(adapters, [] if name == _BASE else [name]):
            parts.append(function(**selected))
    concatenated = [row for rows in groups.values() for row in rows]
    return [int(index) for index in np.argsort(concatenated)], parts


def _num_rows(value: Any) -> int:
    shape = np.shape(as_array(value))
    return shape[0] if len(shape) > 1 else 1


@contextmanager
def _using(adapters: Adapters, names: list[str]) -> Iterator[None]:
    """A context in which calls use these adapters, and parameters require the gradients that they did."""
    before = adapters.active
    adapters.active = names
    adapters.changed()
    try:
        yield
    finally:
        adapters.active = before
        adapters.changed()


def _selected(value: Any, rows: list[int]) -> Any:
    if isinstance(value, (list, tuple)):
        return [value[row] for row in rows] if np.ndim(as_array(value)) > 1 else value
    return value if getattr(value, "ndim", 2) < 2 else _rows(value, rows)


def _rows(value: Any, rows: list[int]) -> Any:
    """Rows of an array or tensor."""
    return value[_native.Tensor(rows)] if isinstance(value, _native.Tensor) else value[rows]


def _joined(values: list[Any], order: list[int], pad: int = 0) -> Any:
    """The rows of several arrays or tensors in another order, padded to one length; of tuples, those of each element.

    A row of each input may have several rows.
    """
    first = values[0]
    if first is None:
        return None
    if isinstance(first, tuple):
        return tuple(_joined([value[at] for value in values], order, pad) for at in range(len(first)))
    joined = reduce(partial(nested_concat, padding_index=pad), values)
    each = joined.shape[0] // len(order)
    return _rows(joined, [row * each + at for row in order for at in range(each)])
