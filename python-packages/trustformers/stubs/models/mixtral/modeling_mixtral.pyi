"""Names of transformers.models.mixtral.modeling_mixtral. Written by ci/python_stubs.py."""

from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.families import MixtralConfig as MixtralConfig
from trustformers.models.families import MixtralForCausalLM as MixtralForCausalLM
from trustformers.models.families import MixtralForSequenceClassification as MixtralForSequenceClassification
from trustformers.models.families import MixtralForTokenClassification as MixtralForTokenClassification
from trustformers.models.families import MixtralModel as MixtralModel

__all__ = [
    "Cache",
    "DynamicCache",
    "GenerationMixin",
    "MixtralConfig",
    "MixtralForCausalLM",
    "MixtralForSequenceClassification",
    "MixtralForTokenClassification",
    "MixtralModel",
    "PreTrainedModel",
]
