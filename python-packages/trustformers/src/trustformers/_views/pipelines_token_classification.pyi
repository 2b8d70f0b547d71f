"""Names of transformers.pipelines.token_classification. Written by ci/python_stubs.py."""

from trustformers.models.mappings import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES as MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES
from trustformers.pipelines.base import ArgumentHandler as ArgumentHandler
from trustformers.pipelines.base import ChunkPipeline as ChunkPipeline
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum

__all__ = [
    "ArgumentHandler",
    "ChunkPipeline",
    "ExplicitEnum",
    "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES",
    "add_end_docstrings",
    "is_torch_available",
]
