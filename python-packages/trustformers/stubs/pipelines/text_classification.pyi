"""Names of transformers.pipelines.text_classification. Written by ci/python_stubs.py."""

from trustformers.models.mappings import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES as MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.pipelines.classification import TextClassificationPipeline as TextClassificationPipeline
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum

__all__ = [
    "ExplicitEnum",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES",
    "Pipeline",
    "TextClassificationPipeline",
    "add_end_docstrings",
    "is_torch_available",
]
