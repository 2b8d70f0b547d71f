"""Tensors, and functions of the Python array API standard for tensors."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
