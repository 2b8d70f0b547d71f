"""Names of transformers.models.gpt_neo. Written by ci/python_stubs.py."""

from trustformers.models.families import GPTNeoConfig as GPTNeoConfig
from trustformers.models.families import GPTNeoForCausalLM as GPTNeoForCausalLM
from trustformers.models.families import GPTNeoForSequenceClassification as GPTNeoForSequenceClassification
from trustformers.models.families import GPTNeoForTokenClassification as GPTNeoForTokenClassification
from trustformers.models.families import GPTNeoModel as GPTNeoModel
from trustformers.models.families import GPTNeoPreTrainedModel as GPTNeoPreTrainedModel

__all__ = [
    "GPTNeoConfig",
    "GPTNeoForCausalLM",
    "GPTNeoForSequenceClassification",
    "GPTNeoForTokenClassification",
    "GPTNeoModel",
    "GPTNeoPreTrainedModel",
]
