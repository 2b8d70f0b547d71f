"""Names of transformers.models.pegasus. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import PegasusTokenizer as PegasusTokenizer
from trustformers.utils.other_families import PegasusConfig as PegasusConfig

__all__ = [
    "PegasusConfig",
    "PegasusTokenizer",
]
