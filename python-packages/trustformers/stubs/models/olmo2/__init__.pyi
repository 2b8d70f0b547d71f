"""Names of transformers.models.olmo2. Written by ci/python_stubs.py."""

from trustformers.models.families import Olmo2Config as Olmo2Config
from trustformers.models.families import Olmo2ForCausalLM as Olmo2ForCausalLM
from trustformers.models.families import Olmo2ForSequenceClassification as Olmo2ForSequenceClassification
from trustformers.models.families import Olmo2Model as Olmo2Model
from trustformers.models.families import Olmo2PreTrainedModel as Olmo2PreTrainedModel

__all__ = [
    "Olmo2Config",
    "Olmo2ForCausalLM",
    "Olmo2ForSequenceClassification",
    "Olmo2Model",
    "Olmo2PreTrainedModel",
]
