"""Several processes of MPI: their ranks, collective operations, and data-parallel training."""

from trustformers._exports import exports

__getattr__, __dir__, __all__ = exports(__name__)
