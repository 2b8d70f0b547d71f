"""Names of transformers.models.arcee.modeling_arcee. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import ArceeConfig as ArceeConfig
from trustformers.models.families import ArceeForCausalLM as ArceeForCausalLM
from trustformers.models.families import ArceeForSequenceClassification as ArceeForSequenceClassification
from trustformers.models.families import ArceeForTokenClassification as ArceeForTokenClassification
from trustformers.models.families import ArceeModel as ArceeModel
from trustformers.models.families import ArceePreTrainedModel as ArceePreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "ArceeConfig",
    "ArceeForCausalLM",
    "ArceeForSequenceClassification",
    "ArceeForTokenClassification",
    "ArceeModel",
    "ArceePreTrainedModel",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "PreTrainedModel",
]
