"""What a logger writes, kept as text."""

from __future__ import annotations

import logging
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["CaptureLogger"]


class CaptureLogger:
    """Keeps what a logger writes inside `with`; `out` is the text, also afterwards.

    Examples
    --------
    >>> with CaptureLogger(logger) as captured:
    ...     logger.warning("a message")
    >>> captured.out
    'a message\\n'
    """

    def __init__(self, logger: logging.Logger) -> None:
        self.logger = logger
        self.io: StringIO = StringIO()
        self.sh: logging.Handler = logging.StreamHandler(self.io)
        self.out: str = ""

    def __enter__(self) -> Self:
        self.logger.addHandler(self.sh)
        return self

    def __exit__(self, *_error: object) -> None:
        self.logger.removeHandler(self.sh)
        self.out = self.io.getvalue()
