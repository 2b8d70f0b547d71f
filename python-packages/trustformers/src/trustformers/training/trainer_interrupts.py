"""Signals while a trainer trains: it ends after the step, with whole weights."""

from __future__ import annotations

import signal
import threading
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from trustformers.training.trainer_base import logger

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["Interrupts"]


class Interrupts(AbstractContextManager["Interrupts"]):
    """Notes Ctrl-C, and SIGTERM if asked; a second Ctrl-C raises at once.

    Parameters
    ----------
    catches_termination
        Whether to note SIGTERM too.

    Attributes
    ----------
    signal
        The signal that came; None without any.
    """

    def __init__(self, catches_termination: bool) -> None:
        self.signal: int | None = None
        self._signals = [signal.SIGINT, *([signal.SIGTERM] if catches_termination else [])]
        self._former: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        # Only the main thread receives signals.
        if threading.current_thread() is threading.main_thread():
            for number in self._signals:
                former = signal.getsignal(number)
                if number == signal.SIGTERM or former is signal.default_int_handler:
                    self._former[number] = former
                    signal.signal(number, self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)
        self._former = {}

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.signal == signal.SIGINT and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.signal = number
        logger.warning(
            "%s: training ends after this step%s",
            signal.Signals(number).name,
            "; again to end at once" if number == signal.SIGINT else "",
        )
