"""Names of transformers.modelcard. Written by ci/python_stubs.py."""

from trustformers.models.mappings import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES as MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_MASKED_LM_MAPPING_NAMES as MODEL_FOR_MASKED_LM_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES as MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES as MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES as MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
from trustformers.models.mappings import MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES as MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES
from trustformers.training.loops import make_markdown_table as make_markdown_table
from trustformers.training.strategies import ParallelMode as ParallelMode
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_datasets_available as is_datasets_available
from trustformers.utils.availability import is_tokenizers_available as is_tokenizers_available
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES",
    "MODEL_FOR_MASKED_LM_MAPPING_NAMES",
    "MODEL_FOR_QUESTION_ANSWERING_MAPPING_NAMES",
    "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES",
    "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
    "MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES",
    "ParallelMode",
    "is_datasets_available",
    "is_tokenizers_available",
    "is_torch_available",
    "logging",
    "make_markdown_table",
]
