"""Names of transformers.models.umt5. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import UMT5Config as UMT5Config

__all__ = [
    "UMT5Config",
]
