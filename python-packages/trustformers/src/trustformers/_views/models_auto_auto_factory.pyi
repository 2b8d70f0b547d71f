"""Names of transformers.models.auto.auto_factory. Written by ci/python_stubs.py."""

from trustformers.models.mappings import get_values as get_values

__all__ = [
    "get_values",
]
