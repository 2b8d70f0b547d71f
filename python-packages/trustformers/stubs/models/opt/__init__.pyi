"""Names of transformers.models.opt. Written by ci/python_stubs.py."""

from trustformers.models.families import OPTConfig as OPTConfig
from trustformers.models.families import OPTForCausalLM as OPTForCausalLM
from trustformers.models.families import OPTForSequenceClassification as OPTForSequenceClassification
from trustformers.models.families import OPTModel as OPTModel
from trustformers.models.families import OPTPreTrainedModel as OPTPreTrainedModel

__all__ = [
    "OPTConfig",
    "OPTForCausalLM",
    "OPTForSequenceClassification",
    "OPTModel",
    "OPTPreTrainedModel",
]
