"""Conversions between lists, arrays and tensors."""

from __future__ import annotations

import logging
import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from trustformers import _native
from trustformers.errors import InputError, UnsupportedError

logger: logging.Logger = logging.getLogger("trustformers")

_OTHERS = frozenset({"jax", "mlx", "tf"})


def tensor_kind(return_tensors: Any) -> str | None:
    """`"np"`, `"pt"`, `"tf_rs"` or None; without torch, `"pt"` is `"tf_rs"`.

    Raises
    ------
    UnsupportedError
        Tensors of another library are requested.
    """
    name = getattr(return_tensors, "value", return_tensors)
    if isinstance(name, str) and name in _OTHERS:
        raise UnsupportedError(
            f'not supported: return_tensors="{name}"; pass "np" for NumPy arrays or "tf_rs" for trustformers.Tensor'
        )
    return selected(return_tensors, "np", "pt", "tf_rs")


def _has_torch() -> bool:
    return sys.modules["torch"] is not None if "torch" in sys.modules else _is_torch_installed()


@cache
def _is_torch_installed() -> bool:
    found = find_spec("torch") is not None
    if not found:
        logger.info('torch is not installed: return_tensors="pt" gives trustformers.Tensor, which has its methods')
    return found


def selected(return_tensors: Any, *accepted: str) -> str | None:
    """The tensor type that a str or a member of transformers' `TensorType` names; None for None.

    Without torch, `"pt"` is `"tf_rs"`.

    Raises
    ------
    InputError
        The type is not one of the accepted ones; the message names them.
    """
    name = getattr(return_tensors, "value", return_tensors)
    if name is None or (isinstance(name, str) and name in accepted):
        return "tf_rs" if name == "pt" and not _has_torch() else name
    names = ", ".join(f'"{one}"' for one in accepted)
    raise InputError(f"return_tensors: {return_tensors!r} is not one of {names}, None")


def kind_of(value: Any) -> str | None:
    """The tensor type of a value, or of the first row of a list; None for lists of numbers."""
    if isinstance(value, (list, tuple)) and value:
        value = value[0]
    if isinstance(value, _native.Tensor):
        return "tf_rs"
    if not hasattr(value, "tolist"):
        return None
    return "pt" if _is_of_torch(value) else "np"


def as_array(value: Any) -> Any:
    """Converts a tensor, or a list of them, to arrays that share its memory where possible; returns other values."""
    if isinstance(value, _native.Tensor):
        # NumPy has no bfloat16.
        return (value.float() if value.dtype == "bfloat16" else value).numpy(force=True)
    if isinstance(value, (list, tuple)) and kind_of(value) in {"pt", "tf_rs"}:
        return [as_array(row) for row in value]
    if _is_of_torch(value):
        host = value.detach().cpu()
        return (host.float() if str(host.dtype) == "torch.bfloat16" else host).numpy()
    return value


def unreadable(value: Any) -> str | None:
    """What a tensor of torch is whose elements are no array; None for other values."""
    if isinstance(value, (list, tuple)) and value:
        value = value[0]
    if not _is_of_torch(value):
        return None
    if getattr(value, "is_meta", False):
        return "expected a tensor with elements, found one on the meta device"
    nested = getattr(value, "is_nested", False)
    return "expected rows of one length, found a nested tensor; pass a padded one" if nested else None


def readable_weight(name: object, weight: Any) -> Any:
    """A weight that the engine can copy: a tensor of torch is detached, and one in 8 bits becomes float32.

    Raises
    ------
    InputError
        A tensor of torch has no elements, or complex ones; the message names the weight.
    """
    if not _is_of_torch(weight):
        return weight
    if weight.is_complex() or weight.is_meta:
        found = "on the meta device, which has no elements" if weight.is_meta else f"of dtype {weight.dtype}"
        raise InputError(f'state_dict: "{name}" is {found}; weights are floating point numbers')
    tensor = weight.detach()
    return tensor.float() if tensor.is_floating_point() and tensor.element_size() == 1 else tensor


def as_tensor(key: str, value: Any, kind: str) -> Any:
    """Converts a number or nested lists to an array or tensor; memory of arrays and tensors is shared.

    Raises
    ------
    InputError
        Rows differ in length.
    """
    import numpy as np

    if isinstance(value, _native.Tensor) and kind != "np":
        return value if kind == "tf_rs" else value.cpu().to_torch()
    if _is_of_torch(value) and kind != "np":
        return value if kind == "pt" else _native.Tensor.from_torch(value)
    try:
        array = np.asarray(as_array(value))
    except ValueError:
        array = np.asarray(None)
    if array.dtype == object or array.dtype.kind in "US":
        raise InputError(
            f"return_tensors: the rows of {key!r} do not make one array; "
            "pass padding=True (and truncation=True) for rows of one length"
        )
    if array.size == 0 and not hasattr(value, "dtype"):
        array = array.astype(np.int64)
    elif array.dtype == np.float64 and kind != "np" and _has_floats_of_python(value):
        array = array.astype(np.float32)
    if kind == "tf_rs":
        return _native.Tensor.from_numpy(array)
    return _torch().from_numpy(np.ascontiguousarray(array)) if kind == "pt" else array


def _has_floats_of_python(value: Any) -> bool:
    """Whether the first number of nested lists is a float of Python, which is float32 as a tensor."""
    while isinstance(value, (list, tuple)) and value:
        value = value[0]
    return type(value) in (float, int, bool)


def moved(value: Any, *args: Any, non_blocking: bool) -> Any:
    """Calls `to` of a tensor of any library, casting only floats; returns other values."""
    if not args or not callable(getattr(value, "to", None)):
        return value
    if value.is_floating_point():
        return value.to(*args, non_blocking=non_blocking)
    # The arguments may name a device, a dtype or both; an empty tensor shows the device.
    device = value.reshape(-1)[:0].to(*args).device
    return value.to(device=device, non_blocking=non_blocking)


def _is_of_torch(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.is_tensor(value))


def _torch() -> Any:
    return import_module("torch")
