"""Names of transformers.models.hunyuan_v1_dense.modeling_hunyuan_v1_dense. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import HunYuanDenseV1Config as HunYuanDenseV1Config
from trustformers.models.families import HunYuanDenseV1ForCausalLM as HunYuanDenseV1ForCausalLM
from trustformers.models.families import HunYuanDenseV1ForSequenceClassification as HunYuanDenseV1ForSequenceClassification
from trustformers.models.families import HunYuanDenseV1Model as HunYuanDenseV1Model
from trustformers.models.families import HunYuanDenseV1PreTrainedModel as HunYuanDenseV1PreTrainedModel
from trustformers.models.outputs import BaseModelOutputWithPast as BaseModelOutputWithPast
from trustformers.models.outputs import CausalLMOutputWithPast as CausalLMOutputWithPast

__all__ = [
    "ACT2FN",
    "BaseModelOutputWithPast",
    "CausalLMOutputWithPast",
    "DynamicCache",
    "GenerationMixin",
    "HunYuanDenseV1Config",
    "HunYuanDenseV1ForCausalLM",
    "HunYuanDenseV1ForSequenceClassification",
    "HunYuanDenseV1Model",
    "HunYuanDenseV1PreTrainedModel",
    "PreTrainedModel",
]
