"""Names of transformers.models.pegasus. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import PegasusTokenizer as PegasusTokenizer

__all__ = [
    "PegasusTokenizer",
]
