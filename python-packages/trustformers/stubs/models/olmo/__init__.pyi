"""Names of transformers.models.olmo. Written by ci/python_stubs.py."""

from trustformers.models.families import OlmoConfig as OlmoConfig
from trustformers.models.families import OlmoForCausalLM as OlmoForCausalLM
from trustformers.models.families import OlmoForSequenceClassification as OlmoForSequenceClassification
from trustformers.models.families import OlmoModel as OlmoModel
from trustformers.models.families import OlmoPreTrainedModel as OlmoPreTrainedModel

__all__ = [
    "OlmoConfig",
    "OlmoForCausalLM",
    "OlmoForSequenceClassification",
    "OlmoModel",
    "OlmoPreTrainedModel",
]
