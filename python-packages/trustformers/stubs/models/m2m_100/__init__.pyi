"""Names of transformers.models.m2m_100. Written by ci/python_stubs.py."""

from trustformers.models.families import M2M100Config as M2M100Config
from trustformers.models.families import M2M100ForConditionalGeneration as M2M100ForConditionalGeneration
from trustformers.models.families import M2M100Model as M2M100Model
from trustformers.models.families import M2M100PreTrainedModel as M2M100PreTrainedModel
from trustformers.tokenizers.families import M2M100Tokenizer as M2M100Tokenizer

__all__ = [
    "M2M100Config",
    "M2M100ForConditionalGeneration",
    "M2M100Model",
    "M2M100PreTrainedModel",
    "M2M100Tokenizer",
]
