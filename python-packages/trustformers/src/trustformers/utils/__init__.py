"""What users of transformers import from `transformers.utils`."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
