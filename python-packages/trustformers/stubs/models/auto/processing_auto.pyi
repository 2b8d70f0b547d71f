"""Names of transformers.models.auto.processing_auto. Written by ci/python_stubs.py."""

from trustformers.tokenizers.processors import AutoProcessor as AutoProcessor

__all__ = [
    "AutoProcessor",
]
