"""Optimizers, schedules and what else trains models."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
