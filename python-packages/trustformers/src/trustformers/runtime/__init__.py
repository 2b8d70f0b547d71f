"""What models compute on: the native engine, devices, threads and random numbers."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
