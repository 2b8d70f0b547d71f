"""Names of transformers.models.auto.processing_auto. Written by ci/python_stubs.py."""

from trustformers.utils.refused import AutoProcessor as AutoProcessor

__all__ = [
    "AutoProcessor",
]
