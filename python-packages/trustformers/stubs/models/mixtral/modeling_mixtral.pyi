"""Names of transformers.models.mixtral.modeling_mixtral. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import MixtralConfig as MixtralConfig
from trustformers.models.families import MixtralForCausalLM as MixtralForCausalLM
from trustformers.models.families import MixtralForSequenceClassification as MixtralForSequenceClassification
from trustformers.models.families import MixtralForTokenClassification as MixtralForTokenClassification
from trustformers.models.families import MixtralModel as MixtralModel
from trustformers.models.families import MixtralPreTrainedModel as MixtralPreTrainedModel
from trustformers.models.other_outputs import MoeCausalLMOutputWithPast as MoeCausalLMOutputWithPast
from trustformers.models.other_outputs import MoeModelOutputWithPast as MoeModelOutputWithPast

__all__ = [
    "ACT2FN",
    "Cache",
    "DynamicCache",
    "GenerationMixin",
    "MixtralConfig",
    "MixtralForCausalLM",
    "MixtralForSequenceClassification",
    "MixtralForTokenClassification",
    "MixtralModel",
    "MixtralPreTrainedModel",
    "MoeCausalLMOutputWithPast",
    "MoeModelOutputWithPast",
    "PreTrainedModel",
]
