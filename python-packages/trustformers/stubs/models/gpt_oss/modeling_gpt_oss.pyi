"""Names of transformers.models.gpt_oss.modeling_gpt_oss. Written by ci/python_stubs.py."""

from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import GptOssConfig as GptOssConfig
from trustformers.models.families import GptOssForCausalLM as GptOssForCausalLM
from trustformers.models.families import GptOssForSequenceClassification as GptOssForSequenceClassification
from trustformers.models.families import GptOssForTokenClassification as GptOssForTokenClassification
from trustformers.models.families import GptOssModel as GptOssModel
from trustformers.models.families import GptOssPreTrainedModel as GptOssPreTrainedModel
from trustformers.models.other_outputs import MoeCausalLMOutputWithPast as MoeCausalLMOutputWithPast
from trustformers.models.other_outputs import MoeModelOutputWithPast as MoeModelOutputWithPast

__all__ = [
    "Cache",
    "DynamicCache",
    "GenerationMixin",
    "GptOssConfig",
    "GptOssForCausalLM",
    "GptOssForSequenceClassification",
    "GptOssForTokenClassification",
    "GptOssModel",
    "GptOssPreTrainedModel",
    "MoeCausalLMOutputWithPast",
    "MoeModelOutputWithPast",
    "PreTrainedModel",
]
