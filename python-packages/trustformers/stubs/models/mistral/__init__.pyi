"""Names of transformers.models.mistral. Written by ci/python_stubs.py."""

from trustformers.models.families import MistralConfig as MistralConfig
from trustformers.models.families import MistralForCausalLM as MistralForCausalLM
from trustformers.models.families import MistralForSequenceClassification as MistralForSequenceClassification
from trustformers.models.families import MistralForTokenClassification as MistralForTokenClassification
from trustformers.models.families import MistralModel as MistralModel
from trustformers.models.families import MistralPreTrainedModel as MistralPreTrainedModel

__all__ = [
    "MistralConfig",
    "MistralForCausalLM",
    "MistralForSequenceClassification",
    "MistralForTokenClassification",
    "MistralModel",
    "MistralPreTrainedModel",
]
