"""Names of transformers.models.udop. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import UdopTokenizer as UdopTokenizer
from trustformers.utils.other_families import UdopConfig as UdopConfig

__all__ = [
    "UdopConfig",
    "UdopTokenizer",
]
