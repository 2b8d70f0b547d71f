"""Tokenizers: encoding, special tokens, padding and chat templates."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
