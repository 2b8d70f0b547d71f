"""Names of transformers.models.gemma2. Written by ci/python_stubs.py."""

from trustformers.models.families import Gemma2Config as Gemma2Config
from trustformers.models.families import Gemma2ForCausalLM as Gemma2ForCausalLM
from trustformers.models.families import Gemma2ForSequenceClassification as Gemma2ForSequenceClassification
from trustformers.models.families import Gemma2ForTokenClassification as Gemma2ForTokenClassification
from trustformers.models.families import Gemma2Model as Gemma2Model
from trustformers.models.families import Gemma2PreTrainedModel as Gemma2PreTrainedModel

__all__ = [
    "Gemma2Config",
    "Gemma2ForCausalLM",
    "Gemma2ForSequenceClassification",
    "Gemma2ForTokenClassification",
    "Gemma2Model",
    "Gemma2PreTrainedModel",
]
