"""The verbosity of the `trustformers` logger, and progress bars."""

from __future__ import annotations

import logging
import os
import sys
from functools import cache
from logging import CRITICAL, DEBUG, ERROR, FATAL, INFO, NOTSET, WARN, WARNING
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Hook = Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]

__all__ = [
    "CRITICAL",
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "NOTSET",
    "WARN",
    "WARNING",
    "EmptyTqdm",
    "Logger",
    "add_handler",
    "captureWarnings",
    "disable_default_handler",
    "disable_progress_bar",
    "disable_propagation",
    "enable_default_handler",
    "enable_explicit_format",
    "enable_progress_bar",
    "enable_propagation",
    "get_log_levels_dict",
    "get_logger",
    "get_verbosity",
    "is_progress_bar_enabled",
    "log_levels",
    "remove_handler",
    "reset_format",
    "set_tqdm_hook",
    "set_verbosity",
    "set_verbosity_debug",
    "set_verbosity_error",
    "set_verbosity_info",
    "set_verbosity_warning",
    "tqdm",
]

_NAME = "trustformers"


class _Stderr(logging.Handler):
    """Prints messages to stderr unless the program has configured logging itself."""

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            print(self.format(record), file=sys.stderr)


_stderr = _Stderr()
_shows_progress = True
_hook: Hook | None = None
# The levels by the names that command lines have for them.
log_levels: dict[str, int] = {
    "detail": DEBUG,
    "debug": DEBUG,
    "info": INFO,
    "warning": WARNING,
    "error": ERROR,
    "critical": CRITICAL,
}


class Logger(logging.Logger):
    """A logger that can also log a message only once."""

    def warning_once(self, msg: object, *args: object) -> None:
        """Logs a warning unless this logger has logged the same before."""
        _once(self.warning, str(msg), *args)

    def info_once(self, msg: object, *args: object) -> None:
        """Logs information unless this logger has logged the same before."""
        _once(self.info, str(msg), *args)

    def warning_advice(self, msg: object, *args: object) -> None:
        """Logs a warning unless TRANSFORMERS_NO_ADVISORY_WARNINGS is set."""
        if not os.environ.get("TRANSFORMERS_NO_ADVISORY_WARNINGS"):
            self.warning(msg, *args)


@cache
def _once(log: Callable[..., None], message: str, *args: object) -> None:
    log(message, *args)


def get_logger(name: str | None = None) -> Logger:
    """The logger of this name; without one, the logger of trustformers."""
    logger = logging.getLogger(_NAME if name is None else name)
    if type(logger) is logging.Logger:
        # Loggers exist once; this adds the methods to the one that others have too.
        logger.__class__ = Logger
    return cast(Logger, logger)


def get_log_levels_dict() -> dict[str, int]:
    """The levels by the names that command lines have for them."""
    return log_levels


def add_handler(handler: logging.Handler) -> None:
    """Adds a handler to the logger of trustformers."""
    get_logger().addHandler(handler)


def remove_handler(handler: logging.Handler) -> None:
    """Removes a handler from the logger of trustformers."""
    get_logger().removeHandler(handler)


def enable_default_handler() -> None:
    """Prints messages to stderr unless the program has configured logging."""
    add_handler(_stderr)


def disable_default_handler() -> None:
    """Prints no messages to stderr but by the program's own handlers."""
    remove_handler(_stderr)


def enable_propagation() -> None:
    """Gives messages to the handlers of the root logger too, as by default."""
    get_logger().propagate = True


def disable_propagation() -> None:
    """Keeps messages from the handlers of the root logger."""
    get_logger().propagate = False


def enable_explicit_format() -> None:
    """Lets the handlers of trustformers' logger print level, file, line and time."""
    formatter = logging.Formatter("[%(levelname)s|%(filename)s:%(lineno)s] %(asctime)s >> %(message)s")
    for handler in get_logger().handlers:
        handler.setFormatter(formatter)


def reset_format() -> None:
    """Lets the handlers of trustformers' logger print messages alone."""
    for handler in get_logger().handlers:
        handler.setFormatter(None)


def captureWarnings(capture: bool) -> None:  # the name that Python's logging has
    """Logs warnings of Python's `warnings` at the level of trustformers' logger, or no longer does."""
    logger = get_logger("py.warnings")
    if not logger.handlers:
        logger.addHandler(_stderr)
    logger.setLevel(get_logger().level)
    logging.captureWarnings(capture)


def get_verbosity() -> int:
    """The level of the logger of trustformers, such as `logging.WARNING`."""
    return get_logger().getEffectiveLevel()


def set_verbosity(verbosity: int) -> None:
    """Sets the level of the logger of trustformers.

    Messages go to stderr if the program has not configured logging.

    Parameters
    ----------
    verbosity
        `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL` of this module or of Python's `logging`.
    """
    logger = get_logger()
    logger.setLevel(verbosity)
    # Without a handler Python prints warnings and errors alone.
    logger.addHandler(_stderr)


def set_verbosity_debug() -> None:
    """Shows all messages."""
    set_verbosity(DEBUG)


def set_verbosity_info() -> None:
    """Shows information, warnings and errors."""
    set_verbosity(INFO)


def set_verbosity_warning() -> None:
    """Shows warnings and errors, as by default."""
    set_verbosity(WARNING)


def set_verbosity_error() -> None:
    """Shows errors only."""
    set_verbosity(ERROR)


def is_progress_bar_enabled() -> bool:
    """Whether pipelines show a progress bar for long lists on a terminal, if tqdm is installed."""
    return _shows_progress


def enable_progress_bar() -> None:
    """Lets pipelines show progress bars, as by default."""
    _show_progress(True)


def disable_progress_bar() -> None:
    """Keeps pipelines from showing progress bars."""
    _show_progress(False)


def _show_progress(shows: bool) -> None:
    global _shows_progress  # noqa: PLW0603  # a setting of the process
    _shows_progress = shows


class EmptyTqdm:
    """A progress bar that shows nothing; other methods do nothing."""

    def __init__(self, *args: Any, **_kwargs: Any) -> None:
        self._iterable = args[0] if args else ()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._iterable)

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_args, **_kwargs: None

    def __enter__(self) -> EmptyTqdm:
        return self

    def __exit__(self, *_error: object) -> None:
        return None


def tqdm(*args: Any, **kwargs: Any) -> Any:
    """A progress bar of tqdm; one that shows nothing without tqdm or after `disable_progress_bar`."""
    bar: Any = EmptyTqdm
    if _shows_progress:
        try:
            from tqdm.auto import tqdm as bar  # type: ignore[import-untyped, no-redef]  # an optional package
        except ImportError:
            bar = EmptyTqdm
    return bar(*args, **kwargs) if _hook is None else _hook(bar, args, kwargs)


def set_tqdm_hook(hook: Hook | None) -> Hook | None:
    """Sets what makes progress bars, from the class, arguments and keyword arguments; returns the one before."""
    global _hook  # a setting of the process
    before, _hook = _hook, hook
    return before
