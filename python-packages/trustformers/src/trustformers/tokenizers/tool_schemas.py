"""JSON schemas of Python functions, for the tools of a chat template."""

from __future__ import annotations

import enum
import inspect
import json
import re
import types
from collections.abc import Callable
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from trustformers.errors import InputError

__all__ = ["get_json_schema"]

_NAMES = {int: "integer", float: "number", str: "string", bool: "boolean", type(None): "null"}
_PLAIN: dict[Any, dict[str, Any]] = {
    **{kind: {"type": name} for kind, name in _NAMES.items()},
    list: {"type": "array"},
    tuple: {"type": "array"},
    dict: {"type": "object"},
    Any: {},
}
_SECTION = re.compile(r"[\n\s]*(?:Args:|Returns:|Raises:|\Z)")
_ARGUMENTS = re.compile(r"\n\s*Args:\n(.*?)[\n\s]*(?:Returns:|Raises:|\Z)", re.DOTALL)
_RETURNS = re.compile(r"\n\s*Returns:\n\s*(.*?)[\n\s]*(?:Raises:|\Z)", re.DOTALL)
_ARGUMENT = re.compile(r"([ \t]*)(\w+):\s*(.*)")
_CHOICES = re.compile(r"\(choices:\s*(.*?)\)\s*$", re.IGNORECASE)


def get_json_schema(func: Callable[..., Any]) -> dict[str, Any]:
    """The schema of a function with type hints and a docstring in Google's style, as chat templates read it.

    Parameters
    ----------
    func
        A function whose docstring describes it and, under ``Args:``, each argument. A description may end with
        ``(choices: [...])``.

    Returns
    -------
    dict
        ``{"type": "function", "function": {"name": ..., "description": ..., "parameters": ...}}``.

    Raises
    ------
    InputError
        A type hint, the docstring or the description of an argument is missing, or a hint has no schema.
    """
    name = getattr(func, "__name__", "operation")
    docstring = (inspect.getdoc(func) or "").strip()
    if not docstring:
        raise InputError(f"tools: {name} has no docstring, which its JSON schema needs")
    hints = get_type_hints(func)
    parameters = inspect.signature(func).parameters
    receiver = next(iter(parameters), None)
    if receiver not in {"self", "cls"} or parameters[receiver].annotation is not inspect.Parameter.empty:
        receiver = None
    descriptions = _descriptions(docstring)
    properties: dict[str, Any] = {}
    for argument, parameter in parameters.items():
        if argument == receiver:
            continue
        if parameter.annotation is inspect.Parameter.empty:
            raise InputError(f"tools: argument {argument} of {name} has no type hint")
    for argument in (hint for hint in hints if hint not in {receiver, "return"}):
        properties[argument] = _schema(hints[argument])
    for argument, schema in properties.items():
        if argument not in descriptions:
            raise InputError(f"tools: the docstring of {name} does not describe the argument {argument}")
        schema["description"] = _without_choices(descriptions[argument], schema, f"{name}({argument})")
    required = [
        argument
        for argument, parameter in parameters.items()
        if argument != receiver and parameter.default is inspect.Parameter.empty
    ]
    schema = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    first = _SECTION.search(docstring)
    function = {
        "name": name,
        "description": docstring[: first.start() if first else None].strip(),
        "parameters": schema,
    }
    returned = _return_schema(hints, docstring)
    return {"type": "function", "function": function if returned is None else {**function, "return": returned}}


def _return_schema(hints: dict[str, Any], docstring: str) -> dict[str, Any] | None:
    if "return" not in hints:
        return None
    try:
        schema = _schema(hints["return"])
    except InputError:
        # Models never produce return values.
        return None
    match = _RETURNS.search(docstring)
    return {**schema, "description": match.group(1).strip()} if match else schema


def _descriptions(docstring: str) -> dict[str, str]:
    section = _ARGUMENTS.search(docstring)
    if not section:
        return {}
    descriptions: dict[str, list[str]] = {}
    indentation, current = "", None
    for line in (line for line in section.group(1).split("\n") if line.strip()):
        start = _ARGUMENT.match(line)
        is_deeper = current is not None and line.startswith((f"{indentation} ", f"{indentation}\t"))
        if start and not is_deeper:
            indentation, current = start.group(1), start.group(2)
            descriptions[current] = [start.group(3)]
        elif current is not None:
            descriptions[current].append(line)
    return {name: re.sub(r"\s*\n+\s*", " ", "\n".join(lines).strip()) for name, lines in descriptions.items()}


def _without_choices(description: str, schema: dict[str, Any], argument: str) -> str:
    choices = _CHOICES.search(description)
    if not choices:
        return description
    try:
        values = json.loads(choices.group(1))
    except ValueError as error:
        raise InputError(f"tools: the choices of {argument} are not a JSON list: {error}") from error
    schema["enum"] = [value.strip() if isinstance(value, str) else value for value in values]
    return description[: choices.start()].strip()


def _enumeration(values: list[Any], hint: Any) -> dict[str, Any]:
    if not values or any(type(value) not in _NAMES for value in values):
        raise InputError(f"tools: {hint!r} has no JSON schema: expected int, float, str, bool or None as values")
    kinds = list(dict.fromkeys(_NAMES[type(value)] for value in values))
    return {"type": kinds[0] if len(kinds) == 1 else kinds, "enum": values}


def _schema(hint: Any) -> dict[str, Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is None and isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _enumeration([member.value for member in hint], hint)
    if origin is Literal:
        return _enumeration(list(args), hint)
    if origin is None and isinstance(hint, (type, type(Any))) and hint in _PLAIN:
        return dict(_PLAIN[hint])
    if origin in {Union, types.UnionType}:
        return _union(args)
    return _container(hint, origin, args)


def _container(hint: Any, origin: Any, args: tuple[Any, ...]) -> dict[str, Any]:
    if origin is list:
        return {"type": "array", "items": _schema(args[0])}
    if origin is tuple and len(args) > 1 and ... not in args:
        return {"type": "array", "prefixItems": [_schema(arg) for arg in args]}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(args[1])}
    raise InputError(f"tools: {hint!r} has no JSON schema; pass the schema of the tool instead of the function")


def _union(args: tuple[Any, ...]) -> dict[str, Any]:
    schemas = [_schema(arg) for arg in args if arg is not type(None)]
    if len(schemas) == 1:
        union = schemas[0]
    elif all(schema.keys() == {"type"} and isinstance(schema["type"], str) for schema in schemas):
        kinds = sorted({schema["type"] for schema in schemas})
        union = {"type": kinds[0] if len(kinds) == 1 else kinds}
    else:
        union = {"anyOf": schemas}
    return {**union, "nullable": True} if type(None) in args else union
