"""Names of transformers.pipelines.text_generation. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.mappings import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings

__all__ = [
    "GenerationConfig",
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "ModelOutput",
    "Pipeline",
    "add_end_docstrings",
    "is_torch_available",
]
