"""Names of transformers.models.glm. Written by ci/python_stubs.py."""

from trustformers.models.families import GlmConfig as GlmConfig
from trustformers.models.families import GlmForCausalLM as GlmForCausalLM
from trustformers.models.families import GlmForSequenceClassification as GlmForSequenceClassification
from trustformers.models.families import GlmForTokenClassification as GlmForTokenClassification
from trustformers.models.families import GlmModel as GlmModel
from trustformers.models.families import GlmPreTrainedModel as GlmPreTrainedModel

__all__ = [
    "GlmConfig",
    "GlmForCausalLM",
    "GlmForSequenceClassification",
    "GlmForTokenClassification",
    "GlmModel",
    "GlmPreTrainedModel",
]
