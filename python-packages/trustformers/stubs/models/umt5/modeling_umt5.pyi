"""Names of transformers.models.umt5.modeling_umt5. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import UMT5Config as UMT5Config
from trustformers.models.families import UMT5EncoderModel as UMT5EncoderModel
from trustformers.models.families import UMT5ForConditionalGeneration as UMT5ForConditionalGeneration
from trustformers.models.families import UMT5ForQuestionAnswering as UMT5ForQuestionAnswering
from trustformers.models.families import UMT5ForSequenceClassification as UMT5ForSequenceClassification
from trustformers.models.families import UMT5ForTokenClassification as UMT5ForTokenClassification
from trustformers.models.families import UMT5Model as UMT5Model
from trustformers.models.families import UMT5PreTrainedModel as UMT5PreTrainedModel
from trustformers.models.other_outputs import BaseModelOutput as BaseModelOutput
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import Seq2SeqLMOutput as Seq2SeqLMOutput
from trustformers.models.other_outputs import Seq2SeqModelOutput as Seq2SeqModelOutput
from trustformers.models.other_outputs import Seq2SeqQuestionAnsweringModelOutput as Seq2SeqQuestionAnsweringModelOutput
from trustformers.models.other_outputs import Seq2SeqSequenceClassifierOutput as Seq2SeqSequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging
from trustformers.utils.hub_files import DUMMY_INPUTS as DUMMY_INPUTS
from trustformers.utils.hub_files import DUMMY_MASK as DUMMY_MASK

__all__ = [
    "ACT2FN",
    "BaseModelOutput",
    "BaseModelOutputWithPastAndCrossAttentions",
    "Cache",
    "DUMMY_INPUTS",
    "DUMMY_MASK",
    "DynamicCache",
    "EncoderDecoderCache",
    "GenerationMixin",
    "PreTrainedModel",
    "Seq2SeqLMOutput",
    "Seq2SeqModelOutput",
    "Seq2SeqQuestionAnsweringModelOutput",
    "Seq2SeqSequenceClassifierOutput",
    "TokenClassifierOutput",
    "UMT5Config",
    "UMT5EncoderModel",
    "UMT5ForConditionalGeneration",
    "UMT5ForQuestionAnswering",
    "UMT5ForSequenceClassification",
    "UMT5ForTokenClassification",
    "UMT5Model",
    "UMT5PreTrainedModel",
    "logging",
]
