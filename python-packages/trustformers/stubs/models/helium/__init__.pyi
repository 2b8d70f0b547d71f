"""Names of transformers.models.helium. Written by ci/python_stubs.py."""

from trustformers.models.families import HeliumConfig as HeliumConfig
from trustformers.models.families import HeliumForCausalLM as HeliumForCausalLM
from trustformers.models.families import HeliumForSequenceClassification as HeliumForSequenceClassification
from trustformers.models.families import HeliumForTokenClassification as HeliumForTokenClassification
from trustformers.models.families import HeliumModel as HeliumModel
from trustformers.models.families import HeliumPreTrainedModel as HeliumPreTrainedModel

__all__ = [
    "HeliumConfig",
    "HeliumForCausalLM",
    "HeliumForSequenceClassification",
    "HeliumForTokenClassification",
    "HeliumModel",
    "HeliumPreTrainedModel",
]
