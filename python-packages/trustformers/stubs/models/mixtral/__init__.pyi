"""Names of transformers.models.mixtral. Written by ci/python_stubs.py."""

from trustformers.models.families import MixtralConfig as MixtralConfig
from trustformers.models.families import MixtralForCausalLM as MixtralForCausalLM
from trustformers.models.families import MixtralForSequenceClassification as MixtralForSequenceClassification
from trustformers.models.families import MixtralForTokenClassification as MixtralForTokenClassification
from trustformers.models.families import MixtralModel as MixtralModel
from trustformers.models.families import MixtralPreTrainedModel as MixtralPreTrainedModel

__all__ = [
    "MixtralConfig",
    "MixtralForCausalLM",
    "MixtralForSequenceClassification",
    "MixtralForTokenClassification",
    "MixtralModel",
    "MixtralPreTrainedModel",
]
