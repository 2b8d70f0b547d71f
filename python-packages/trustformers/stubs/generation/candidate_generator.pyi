"""Names of transformers.generation.candidate_generator. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.logits_process import LogitsProcessorList as LogitsProcessorList
from trustformers.generation.logits_process import MinLengthLogitsProcessor as MinLengthLogitsProcessor
from trustformers.generation.logits_process import SuppressTokensLogitsProcessor as SuppressTokensLogitsProcessor
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.utils.availability import is_sklearn_available as is_sklearn_available

__all__ = [
    "GenerationConfig",
    "LogitsProcessorList",
    "MinLengthLogitsProcessor",
    "ModelOutput",
    "PreTrainedModel",
    "PreTrainedTokenizerBase",
    "SuppressTokensLogitsProcessor",
    "is_sklearn_available",
]
