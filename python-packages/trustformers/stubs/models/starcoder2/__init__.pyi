"""Names of transformers.models.starcoder2. Written by ci/python_stubs.py."""

from trustformers.models.families import Starcoder2Config as Starcoder2Config
from trustformers.models.families import Starcoder2ForCausalLM as Starcoder2ForCausalLM
from trustformers.models.families import Starcoder2ForSequenceClassification as Starcoder2ForSequenceClassification
from trustformers.models.families import Starcoder2ForTokenClassification as Starcoder2ForTokenClassification
from trustformers.models.families import Starcoder2Model as Starcoder2Model
from trustformers.models.families import Starcoder2PreTrainedModel as Starcoder2PreTrainedModel

__all__ = [
    "Starcoder2Config",
    "Starcoder2ForCausalLM",
    "Starcoder2ForSequenceClassification",
    "Starcoder2ForTokenClassification",
    "Starcoder2Model",
    "Starcoder2PreTrainedModel",
]
