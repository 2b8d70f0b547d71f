"""Mixed precision: products of models in training mode round their operands."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from trustformers.errors import UnsupportedError
from trustformers.models.recording import mixed_precision

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import TracebackType

    Function = TypeVar("Function", bound=Callable[..., Any])

__all__ = ["autocast"]

_DTYPES = ("bfloat16", "float16")


class autocast:
    """A context manager and decorator for mixed precision.

    Inside of it, models in training mode round the operands of their products; sums, activations and weights stay in
    float32. Other operations are not changed.

    Parameters
    ----------
    device_type
        The type of the model's device, as `"cpu"`.
    dtype
        bfloat16, the default, or float16, whose gradients vanish and overflow unless a `GradScaler` scales the loss.
    enabled
        Whether products are rounded.
    cache_enabled
        Without effect: no rounded weights are kept.

    Raises
    ------
    UnsupportedError
        The dtype is another one.

    Examples
    --------
    >>> with autocast("cpu"):
    ...     loss = model(**batch).loss
    >>> loss.backward()
    """

    def __init__(
        self, device_type: str = "cpu", dtype: Any = None, enabled: bool = True, cache_enabled: bool | None = None
    ) -> None:
        name = "bfloat16" if dtype is None else str(dtype).rpartition(".")[2]
        if enabled and name not in _DTYPES:
            raise UnsupportedError(f"not supported: autocast to {name}; use {' or '.join(_DTYPES)}")
        self._dtype = name if enabled else None
        self._entered: list[AbstractContextManager[None]] = []

    def __enter__(self) -> None:
        context = mixed_precision(self._dtype)
        context.__enter__()
        self._entered.append(context)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._entered.pop().__exit__(kind, error, traceback)

    def __call__(self, function: Function) -> Function:
        """Calls a function inside of the context."""
        if inspect.isgeneratorfunction(function):
            raise UnsupportedError("not supported: autocast of a generator function; use a with statement inside of it")

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with mixed_precision(self._dtype):
                return function(*args, **kwargs)

        return wrapped  # type: ignore[return-value]  # it has the same signature
