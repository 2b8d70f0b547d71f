"""Names of transformers.models.mt5.modeling_mt5. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import MT5Config as MT5Config
from trustformers.models.families import MT5EncoderModel as MT5EncoderModel
from trustformers.models.families import MT5ForConditionalGeneration as MT5ForConditionalGeneration
from trustformers.models.families import MT5ForQuestionAnswering as MT5ForQuestionAnswering
from trustformers.models.families import MT5ForSequenceClassification as MT5ForSequenceClassification
from trustformers.models.families import MT5ForTokenClassification as MT5ForTokenClassification
from trustformers.models.families import MT5Model as MT5Model
from trustformers.models.families import MT5PreTrainedModel as MT5PreTrainedModel
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
    "MT5Config",
    "MT5EncoderModel",
    "MT5ForConditionalGeneration",
    "MT5ForQuestionAnswering",
    "MT5ForSequenceClassification",
    "MT5ForTokenClassification",
    "MT5Model",
    "MT5PreTrainedModel",
    "PreTrainedModel",
    "Seq2SeqLMOutput",
    "Seq2SeqModelOutput",
    "Seq2SeqQuestionAnsweringModelOutput",
    "Seq2SeqSequenceClassifierOutput",
    "TokenClassifierOutput",
    "logging",
]
