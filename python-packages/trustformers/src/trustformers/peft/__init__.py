"""Low-rank adapters of models, with the names and the files of PEFT."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
