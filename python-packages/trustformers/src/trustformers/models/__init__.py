"""Models: configurations, classes by family and head, their outputs and caches."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
