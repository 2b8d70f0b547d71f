"""Names of transformers.models.auto.image_processing_auto. Written by ci/python_stubs.py."""

from trustformers.utils.refused import AutoImageProcessor as AutoImageProcessor

__all__ = [
    "AutoImageProcessor",
]
