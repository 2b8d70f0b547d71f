"""Names of transformers.pipelines.text_classification. Written by ci/python_stubs.py."""

from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.pipelines.classification import TextClassificationPipeline as TextClassificationPipeline

__all__ = [
    "Pipeline",
    "TextClassificationPipeline",
]
