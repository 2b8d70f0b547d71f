"""Names of transformers.models.xlm_roberta_xl.modeling_xlm_roberta_xl. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.activations import gelu as gelu
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.families import XLMRobertaXLConfig as XLMRobertaXLConfig
from trustformers.models.families import XLMRobertaXLForMaskedLM as XLMRobertaXLForMaskedLM
from trustformers.models.families import XLMRobertaXLForQuestionAnswering as XLMRobertaXLForQuestionAnswering
from trustformers.models.families import XLMRobertaXLForSequenceClassification as XLMRobertaXLForSequenceClassification
from trustformers.models.families import XLMRobertaXLForTokenClassification as XLMRobertaXLForTokenClassification
from trustformers.models.families import XLMRobertaXLModel as XLMRobertaXLModel
from trustformers.models.families import XLMRobertaXLPreTrainedModel as XLMRobertaXLPreTrainedModel
from trustformers.models.other_outputs import BaseModelOutputWithPastAndCrossAttentions as BaseModelOutputWithPastAndCrossAttentions
from trustformers.models.other_outputs import BaseModelOutputWithPoolingAndCrossAttentions as BaseModelOutputWithPoolingAndCrossAttentions
from trustformers.models.other_outputs import CausalLMOutputWithCrossAttentions as CausalLMOutputWithCrossAttentions
from trustformers.models.other_outputs import MultipleChoiceModelOutput as MultipleChoiceModelOutput
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.utils import logging as logging

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPastAndCrossAttentions",
    "BaseModelOutputWithPoolingAndCrossAttentions",
    "Cache",
    "CausalLMOutputWithCrossAttentions",
    "DynamicCache",
    "EncoderDecoderCache",
    "GenerationMixin",
    "MaskedLMOutput",
    "MultipleChoiceModelOutput",
    "PreTrainedModel",
    "QuestionAnsweringModelOutput",
    "SequenceClassifierOutput",
    "TokenClassifierOutput",
    "XLMRobertaXLConfig",
    "XLMRobertaXLForMaskedLM",
    "XLMRobertaXLForQuestionAnswering",
    "XLMRobertaXLForSequenceClassification",
    "XLMRobertaXLForTokenClassification",
    "XLMRobertaXLModel",
    "XLMRobertaXLPreTrainedModel",
    "gelu",
    "logging",
]
