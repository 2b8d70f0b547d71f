"""Names of transformers.models.auto.feature_extraction_auto. Written by ci/python_stubs.py."""

from trustformers.utils.refused import AutoFeatureExtractor as AutoFeatureExtractor

__all__ = [
    "AutoFeatureExtractor",
]
