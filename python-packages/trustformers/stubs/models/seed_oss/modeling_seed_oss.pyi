"""Names of transformers.models.seed_oss.modeling_seed_oss. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import SeedOssConfig as SeedOssConfig
from trustformers.models.families import SeedOssForCausalLM as SeedOssForCausalLM
from trustformers.models.families import SeedOssForSequenceClassification as SeedOssForSequenceClassification
from trustformers.models.families import SeedOssForTokenClassification as SeedOssForTokenClassification
from trustformers.models.families import SeedOssModel as SeedOssModel
from trustformers.models.families import SeedOssPreTrainedModel as SeedOssPreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "Cache",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "PreTrainedModel",
    "SeedOssConfig",
    "SeedOssForCausalLM",
    "SeedOssForSequenceClassification",
    "SeedOssForTokenClassification",
    "SeedOssModel",
    "SeedOssPreTrainedModel",
]
