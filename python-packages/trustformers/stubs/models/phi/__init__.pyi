"""Names of transformers.models.phi. Written by ci/python_stubs.py."""

from trustformers.models.families import PhiConfig as PhiConfig
from trustformers.models.families import PhiForCausalLM as PhiForCausalLM
from trustformers.models.families import PhiForSequenceClassification as PhiForSequenceClassification
from trustformers.models.families import PhiForTokenClassification as PhiForTokenClassification
from trustformers.models.families import PhiModel as PhiModel
from trustformers.models.families import PhiPreTrainedModel as PhiPreTrainedModel

__all__ = [
    "PhiConfig",
    "PhiForCausalLM",
    "PhiForSequenceClassification",
    "PhiForTokenClassification",
    "PhiModel",
    "PhiPreTrainedModel",
]
