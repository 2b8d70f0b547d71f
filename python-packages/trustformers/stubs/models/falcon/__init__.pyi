"""Names of transformers.models.falcon. Written by ci/python_stubs.py."""

from trustformers.models.families import FalconConfig as FalconConfig
from trustformers.models.families import FalconForCausalLM as FalconForCausalLM
from trustformers.models.families import FalconForSequenceClassification as FalconForSequenceClassification
from trustformers.models.families import FalconForTokenClassification as FalconForTokenClassification
from trustformers.models.families import FalconModel as FalconModel
from trustformers.models.families import FalconPreTrainedModel as FalconPreTrainedModel

__all__ = [
    "FalconConfig",
    "FalconForCausalLM",
    "FalconForSequenceClassification",
    "FalconForTokenClassification",
    "FalconModel",
    "FalconPreTrainedModel",
]
