"""Names of trustformers.models. Written by ci/python_stubs.py."""

from trustformers.models.auto import AutoModel as AutoModel
from trustformers.models.auto import AutoModelForCausalLM as AutoModelForCausalLM
from trustformers.models.auto import AutoModelForMaskedLM as AutoModelForMaskedLM
from trustformers.models.auto import AutoModelForQuestionAnswering as AutoModelForQuestionAnswering
from trustformers.models.auto import AutoModelForSeq2SeqLM as AutoModelForSeq2SeqLM
from trustformers.models.auto import AutoModelForSequenceClassification as AutoModelForSequenceClassification
from trustformers.models.auto import AutoModelForTextEncoding as AutoModelForTextEncoding
from trustformers.models.auto import AutoModelForTokenClassification as AutoModelForTokenClassification
from trustformers.models.auto_config import AutoConfig as AutoConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import CacheLayerMixin as CacheLayerMixin
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import DynamicLayer as DynamicLayer
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.cache import HybridCache as HybridCache
from trustformers.models.cache import OffloadedCache as OffloadedCache
from trustformers.models.cache import QuantizedCache as QuantizedCache
from trustformers.models.cache import SlidingWindowCache as SlidingWindowCache
from trustformers.models.cache import StaticCache as StaticCache
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.configuration import PretrainedConfig as PretrainedConfig
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import BaseModelOutputWithPooling as BaseModelOutputWithPooling
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast
from trustformers.models.outputs import MaskedLMOutput as MaskedLMOutput
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.models.outputs import QuestionAnsweringModelOutput as QuestionAnsweringModelOutput
from trustformers.models.outputs import SentenceSimilarityOutput as SentenceSimilarityOutput
from trustformers.models.outputs import SequenceClassifierOutput as SequenceClassifierOutput
from trustformers.models.outputs import TokenClassifierOutput as TokenClassifierOutput
from trustformers.models.submodules import Conv1D as Conv1D
from trustformers.models.submodules import Embedding as Embedding
from trustformers.models.submodules import LayerNorm as LayerNorm
from trustformers.models.submodules import Linear as Linear
from trustformers.models.submodules import Module as Module
from trustformers.models.submodules import ModuleList as ModuleList
from trustformers.models.submodules import RMSNorm as RMSNorm
from trustformers.models.weights import IncompatibleKeys as IncompatibleKeys
from trustformers.models.families import *
from trustformers.tokenizers.families import *

__all__ = [
    "AutoConfig",
    "AutoModel",
    "AutoModelForCausalLM",
    "AutoModelForMaskedLM",
    "AutoModelForQuestionAnswering",
    "AutoModelForSeq2SeqLM",
    "AutoModelForSequenceClassification",
    "AutoModelForTextEncoding",
    "AutoModelForTokenClassification",
    "BaseModelOutputWithPast",
    "BaseModelOutputWithPooling",
    "Cache",
    "CacheLayerMixin",
    "CausalLMOutputWithPast",
    "Conv1D",
    "DynamicCache",
    "DynamicLayer",
    "Embedding",
    "EncoderDecoderCache",
    "HybridCache",
    "IncompatibleKeys",
    "LayerNorm",
    "Linear",
    "MaskedLMOutput",
    "ModelOutput",
    "Module",
    "ModuleList",
    "OffloadedCache",
    "PreTrainedConfig",
    "PreTrainedModel",
    "PretrainedConfig",
    "QuantizedCache",
    "QuestionAnsweringModelOutput",
    "RMSNorm",
    "SentenceSimilarityOutput",
    "SequenceClassifierOutput",
    "SlidingWindowCache",
    "StaticCache",
    "TokenClassifierOutput",
]
