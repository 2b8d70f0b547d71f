"""Names of transformers.models.pegasus_x. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import PegasusXConfig as PegasusXConfig

__all__ = [
    "PegasusXConfig",
]
