"""Names of transformers.models.t5gemma.modeling_t5gemma. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.config import GenerationMode as GenerationMode
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.cache import StaticCache as StaticCache
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import Seq2SeqLMOutput as Seq2SeqLMOutput
from trustformers.models.other_outputs import Seq2SeqModelOutput as Seq2SeqModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging
from trustformers.utils.other_families import T5GemmaConfig as T5GemmaConfig
from trustformers.utils.other_families import T5GemmaEncoderModel as T5GemmaEncoderModel

__all__ = [
    "ACT2FN",
    "BaseModelOutput",
    "BaseModelOutputWithPastAndCrossAttentions",
    "Cache",
    "DynamicCache",
    "EncoderDecoderCache",
    "GenerationConfig",
    "GenerationMixin",
    "GenerationMode",
    "PreTrainedModel",
    "Seq2SeqLMOutput",
    "Seq2SeqModelOutput",
    "SequenceClassifierOutput",
    "StaticCache",
    "T5GemmaConfig",
    "T5GemmaEncoderModel",
    "TokenClassifierOutput",
    "logging",
]
