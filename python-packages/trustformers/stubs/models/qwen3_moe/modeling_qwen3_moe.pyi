"""Names of transformers.models.qwen3_moe.modeling_qwen3_moe. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import Qwen3MoeConfig as Qwen3MoeConfig
from trustformers.models.families import Qwen3MoeForCausalLM as Qwen3MoeForCausalLM
from trustformers.models.families import Qwen3MoeForSequenceClassification as Qwen3MoeForSequenceClassification
from trustformers.models.families import Qwen3MoeForTokenClassification as Qwen3MoeForTokenClassification
from trustformers.models.families import Qwen3MoeModel as Qwen3MoeModel
from trustformers.models.families import Qwen3MoePreTrainedModel as Qwen3MoePreTrainedModel
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
    "Qwen3MoeConfig",
    "Qwen3MoeForCausalLM",
    "Qwen3MoeForSequenceClassification",
    "Qwen3MoeForTokenClassification",
    "Qwen3MoeModel",
    "Qwen3MoePreTrainedModel",
]
