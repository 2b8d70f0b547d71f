"""Names of transformers.pipelines.feature_extraction. Written by ci/python_stubs.py."""

from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.pipelines.vectors import FeatureExtractionPipeline as FeatureExtractionPipeline
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings

__all__ = [
    "FeatureExtractionPipeline",
    "Pipeline",
    "add_end_docstrings",
]
