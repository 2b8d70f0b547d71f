"""Names of transformers.models.stablelm. Written by ci/python_stubs.py."""

from trustformers.models.families import StableLmConfig as StableLmConfig
from trustformers.models.families import StableLmForCausalLM as StableLmForCausalLM
from trustformers.models.families import StableLmForSequenceClassification as StableLmForSequenceClassification
from trustformers.models.families import StableLmForTokenClassification as StableLmForTokenClassification
from trustformers.models.families import StableLmModel as StableLmModel
from trustformers.models.families import StableLmPreTrainedModel as StableLmPreTrainedModel

__all__ = [
    "StableLmConfig",
    "StableLmForCausalLM",
    "StableLmForSequenceClassification",
    "StableLmForTokenClassification",
    "StableLmModel",
    "StableLmPreTrainedModel",
]
