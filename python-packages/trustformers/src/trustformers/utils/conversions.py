"""Small conversions of values that scripts share."""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections import UserDict
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

__all__ = [
    "ContextManagers",
    "find_labels",
    "flatten_dict",
    "is_numpy_array",
    "is_tensor",
    "is_torch_device",
    "is_torch_dtype",
    "is_torch_tensor",
    "safe_load_json_file",
    "strtobool",
    "to_numpy",
    "to_py_obj",
]

_TRUE = ("y", "yes", "t", "true", "on", "1")
_FALSE = ("n", "no", "f", "false", "off", "0")


class ContextManagers:
    """Enters several context managers in order, and leaves them in reverse."""

    def __init__(self, context_managers: list[AbstractContextManager[Any]]) -> None:
        self.context_managers = context_managers
        self.stack: ExitStack[Any] = ExitStack()

    def __enter__(self) -> None:
        for manager in self.context_managers:
            self.stack.enter_context(manager)

    def __exit__(self, *args: Any) -> None:
        self.stack.__exit__(*args)


def strtobool(val: str) -> int:
    """1 for y, yes, t, true, on and 1, and 0 for n, no, f, false, off and 0, in any case.

    Raises
    ------
    ValueError
        It is another text.
    """
    if val.lower() in _TRUE:
        return 1
    if val.lower() in _FALSE:
        return 0
    raise ValueError(f"val: expected one of {', '.join((*_TRUE, *_FALSE))}, found {val!r}")


def flatten_dict(d: Mapping[Any, Any], parent_key: str = "", delimiter: str = ".") -> dict[Any, Any]:
    """The values of nested mappings by their keys, joined by the delimiter."""
    found: dict[Any, Any] = {}
    for key, value in d.items():
        whole = f"{parent_key}{delimiter}{key}" if parent_key else key
        found |= flatten_dict(value, whole, delimiter) if value and isinstance(value, Mapping) else {whole: value}
    return found


def find_labels(model_class: type[Any]) -> list[str]:
    """The arguments of a model that are labels."""
    names = inspect.signature(model_class.forward).parameters
    positions = ("start_positions", "end_positions") if "QuestionAnswering" in model_class.__name__ else ()
    return [name for name in names if "label" in name or name in positions]


def is_numpy_array(x: object) -> bool:
    """Whether a value is a NumPy array."""
    numpy: Any = sys.modules.get("numpy")
    return numpy is not None and isinstance(x, numpy.ndarray)


def _is_of_torch(name: str, x: object) -> bool:
    torch: Any = sys.modules.get("torch")
    return torch is not None and isinstance(x, getattr(torch, name))


def is_torch_tensor(x: object) -> bool:
    """Whether a value is a torch tensor."""
    return _is_of_torch("Tensor", x)


def is_torch_device(x: object) -> bool:
    """Whether a value is a torch device."""
    return _is_of_torch("device", x)


def is_torch_dtype(x: object) -> bool:
    """Whether a value is a torch dtype, or the name of one."""
    torch: Any = sys.modules.get("torch")
    if torch is None:
        return False
    return isinstance(getattr(torch, x, None) if isinstance(x, str) else x, torch.dtype)


def is_tensor(x: object) -> bool:
    """Whether a value is a `Tensor`, a torch tensor or a NumPy array."""
    # Without the module there is no tensor yet.
    own: Any = sys.modules.get("trustformers.tensor.namespace")
    return (own is not None and isinstance(x, own.Tensor)) or is_torch_tensor(x) or is_numpy_array(x)


def to_py_obj(obj: Any) -> Any:
    """Nested lists and dicts of Python numbers for tensors and arrays in lists and dicts."""
    if isinstance(obj, (Mapping, UserDict)):
        return {key: to_py_obj(value) for key, value in obj.items()}
    if isinstance(obj, (list, tuple)):
        return [to_py_obj(value) for value in obj]
    return obj.tolist() if hasattr(obj, "tolist") else obj


def to_numpy(obj: Any) -> Any:
    """NumPy arrays for tensors and lists, also in dicts."""
    import numpy as np

    if isinstance(obj, (Mapping, UserDict)):
        return {key: to_numpy(value) for key, value in obj.items()}
    if isinstance(obj, (list, tuple)):
        return np.array(obj)
    return obj.detach().cpu().numpy() if is_torch_tensor(obj) else obj.numpy() if hasattr(obj, "numpy") else obj


def safe_load_json_file(json_file: str | os.PathLike[str]) -> Any:
    """The content of a JSON file.

    Raises
    ------
    OSError
        The file cannot be read, or is no JSON.
    """
    try:
        return json.loads(Path(json_file).read_text(encoding="utf-8"))
    except ValueError as error:
        raise OSError(f"{os.fspath(json_file)}: not valid JSON: {error}") from None
