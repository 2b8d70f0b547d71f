"""Names of transformers.models.gemma3. Written by ci/python_stubs.py."""

from trustformers.models.families import Gemma3ForCausalLM as Gemma3ForCausalLM
from trustformers.models.families import Gemma3PreTrainedModel as Gemma3PreTrainedModel
from trustformers.models.families import Gemma3TextConfig as Gemma3TextConfig
from trustformers.models.families import Gemma3TextForSequenceClassification as Gemma3TextForSequenceClassification
from trustformers.models.families import Gemma3TextModel as Gemma3TextModel

__all__ = [
    "Gemma3ForCausalLM",
    "Gemma3PreTrainedModel",
    "Gemma3TextConfig",
    "Gemma3TextForSequenceClassification",
    "Gemma3TextModel",
]
