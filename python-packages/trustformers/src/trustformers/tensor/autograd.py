"""Whether operations are recorded for gradients."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from trustformers import _native
from trustformers._native import grad, is_grad_enabled

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    Function = TypeVar("Function", bound=Callable[..., Any])

__all__ = ["enable_grad", "grad", "inference_mode", "is_grad_enabled", "no_grad", "set_grad_enabled"]


class _GradMode:
    """A context manager and decorator that turns the recording of operations on or off on the current thread."""

    _enabled: bool

    def __new__(cls, function: Any = None) -> Any:
        """A context manager, or the function that `@no_grad` without parentheses decorates."""
        self = super().__new__(cls)
        if callable(function):
            self._before = []
            return self(function)
        return self

    def __init__(self, function: Any = None) -> None:
        self._before: list[bool] = []

    def _copy(self) -> _GradMode:
        """A context manager of its own for each call of a decorated function, which threads may share."""
        return type(self)()

    def __enter__(self) -> None:
        self._before.append(_native._switch_grad(self._enabled))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _native._switch_grad(self._before.pop())

    def __call__(self, function: Function) -> Function:
        if inspect.isgeneratorfunction(function):

            @functools.wraps(function)
            def generator(*args: Any, **kwargs: Any) -> Any:
                values = function(*args, **kwargs)
                while True:
                    with self._copy():
                        try:
                            value = next(values)
                        except StopIteration as end:
                            return end.value
                    yield value

            return generator  # type: ignore[return-value]

        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with self._copy():
                return function(*args, **kwargs)

        return wrapped  # type: ignore[return-value]


class no_grad(_GradMode):
    """Does not record operations, so that they compute no gradients; also a decorator.

    Examples
    --------
    >>> with no_grad():
    ...     weight -= 0.1 * weight.grad
    """

    _enabled = False


class enable_grad(_GradMode):
    """Records operations inside of `no_grad`; also a decorator."""

    _enabled = True


class set_grad_enabled(_GradMode):
    """Turns the recording of operations on or off, from the call on or as a context manager or decorator."""

    def __new__(cls, mode: bool) -> Any:
        """A context manager."""
        return object.__new__(cls)

    def __init__(self, mode: bool) -> None:
        super().__init__()
        self._enabled = mode
        self._initial = _native._switch_grad(mode)

    def _copy(self) -> _GradMode:
        return enable_grad() if self._enabled else no_grad()

    def __enter__(self) -> None:
        _native._switch_grad(self._enabled)
        self._before.append(self._initial)

    def __call__(self, function: Function) -> Function:
        """Changes only the calls of a function."""
        _native._switch_grad(self._initial)
        return super().__call__(function)


class inference_mode(_GradMode):
    """As `no_grad`; with `mode=False` it changes nothing."""

    _mode: Any = True

    def __new__(cls, mode: Any = True) -> Any:
        """A context manager, or the function that it decorates without parentheses."""
        return super().__new__(cls, mode if callable(mode) else None)

    def __init__(self, mode: Any = True) -> None:
        super().__init__()
        self._mode = mode

    def _copy(self) -> _GradMode:
        return inference_mode(self._mode)

    def __enter__(self) -> None:
        self._before.append(_native._switch_grad(is_grad_enabled() and not self._mode))
