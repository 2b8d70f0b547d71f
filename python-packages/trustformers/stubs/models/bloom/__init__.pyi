"""Names of transformers.models.bloom. Written by ci/python_stubs.py."""

from trustformers.models.families import BloomConfig as BloomConfig
from trustformers.models.families import BloomForCausalLM as BloomForCausalLM
from trustformers.models.families import BloomForSequenceClassification as BloomForSequenceClassification
from trustformers.models.families import BloomForTokenClassification as BloomForTokenClassification
from trustformers.models.families import BloomModel as BloomModel
from trustformers.models.families import BloomPreTrainedModel as BloomPreTrainedModel

__all__ = [
    "BloomConfig",
    "BloomForCausalLM",
    "BloomForSequenceClassification",
    "BloomForTokenClassification",
    "BloomModel",
    "BloomPreTrainedModel",
]
