"""Names of transformers.models.gptj. Written by ci/python_stubs.py."""

from trustformers.models.families import GPTJConfig as GPTJConfig
from trustformers.models.families import GPTJForCausalLM as GPTJForCausalLM
from trustformers.models.families import GPTJForSequenceClassification as GPTJForSequenceClassification
from trustformers.models.families import GPTJModel as GPTJModel
from trustformers.models.families import GPTJPreTrainedModel as GPTJPreTrainedModel

__all__ = [
    "GPTJConfig",
    "GPTJForCausalLM",
    "GPTJForSequenceClassification",
    "GPTJModel",
    "GPTJPreTrainedModel",
]
