"""Tensors, and the functions of the Python array API standard that exist for them."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
