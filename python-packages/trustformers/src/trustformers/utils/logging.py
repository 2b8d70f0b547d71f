"""The verbosity of the `trustformers` logger, and progress bars."""

from __future__ import annotations

import logging
import sys
from logging import CRITICAL, DEBUG, ERROR, FATAL, INFO, NOTSET, WARN, WARNING

__all__ = [
    "CRITICAL",
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "NOTSET",
    "WARN",
    "WARNING",
    "disable_progress_bar",
    "enable_progress_bar",
    "get_logger",
    "get_verbosity",
    "is_progress_bar_enabled",
    "set_verbosity",
    "set_verbosity_debug",
    "set_verbosity_error",
    "set_verbosity_info",
    "set_verbosity_warning",
]

_NAME = "trustformers"


class _Stderr(logging.Handler):
    """Prints messages to stderr unless the program has configured logging itself."""

    def emit(self, record: logging.LogRecord) -> None:
        if not logging.getLogger().handlers:
            print(self.format(record), file=sys.stderr)


_stderr = _Stderr()
_shows_progress = True


def get_logger(name: str | None = None) -> logging.Logger:
    """The logger of this name; without one, the logger of trustformers."""
    return logging.getLogger(_NAME if name is None else name)


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
