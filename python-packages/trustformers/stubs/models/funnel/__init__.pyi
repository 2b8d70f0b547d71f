"""Names of transformers.models.funnel. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import FunnelTokenizer as FunnelTokenizer

__all__ = [
    "FunnelTokenizer",
]
