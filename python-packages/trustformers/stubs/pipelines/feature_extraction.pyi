"""Names of transformers.pipelines.feature_extraction. Written by ci/python_stubs.py."""

from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline as FeatureExtractionPipeline

__all__ = [
    "FeatureExtractionPipeline",
    "Pipeline",
]
