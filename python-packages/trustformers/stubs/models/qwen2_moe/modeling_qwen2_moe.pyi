"""Names of transformers.models.qwen2_moe.modeling_qwen2_moe. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Qwen2MoeConfig as Qwen2MoeConfig
from trustformers.models.families import Qwen2MoeForCausalLM as Qwen2MoeForCausalLM
from trustformers.models.families import Qwen2MoeForSequenceClassification as Qwen2MoeForSequenceClassification
from trustformers.models.families import Qwen2MoeForTokenClassification as Qwen2MoeForTokenClassification
from trustformers.models.families import Qwen2MoeModel as Qwen2MoeModel
from trustformers.models.families import Qwen2MoePreTrainedModel as Qwen2MoePreTrainedModel
from trustformers.models.other_outputs import MoeCausalLMOutputWithPast as MoeCausalLMOutputWithPast
from trustformers.models.other_outputs import MoeModelOutputWithPast as MoeModelOutputWithPast

__all__ = [
    "ACT2FN",
    "Cache",
    "DynamicCache",
    "GenerationMixin",
    "MoeCausalLMOutputWithPast",
    "MoeModelOutputWithPast",
    "PreTrainedModel",
    "Qwen2MoeConfig",
    "Qwen2MoeForCausalLM",
    "Qwen2MoeForSequenceClassification",
    "Qwen2MoeForTokenClassification",
    "Qwen2MoeModel",
    "Qwen2MoePreTrainedModel",
]
