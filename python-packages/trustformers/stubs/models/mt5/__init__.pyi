"""Names of transformers.models.mt5. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import MT5Config as MT5Config

__all__ = [
    "MT5Config",
]
