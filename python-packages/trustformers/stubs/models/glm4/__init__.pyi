"""Names of transformers.models.glm4. Written by ci/python_stubs.py."""

from trustformers.models.families import Glm4Config as Glm4Config
from trustformers.models.families import Glm4ForCausalLM as Glm4ForCausalLM
from trustformers.models.families import Glm4ForSequenceClassification as Glm4ForSequenceClassification
from trustformers.models.families import Glm4ForTokenClassification as Glm4ForTokenClassification
from trustformers.models.families import Glm4Model as Glm4Model
from trustformers.models.families import Glm4PreTrainedModel as Glm4PreTrainedModel

__all__ = [
    "Glm4Config",
    "Glm4ForCausalLM",
    "Glm4ForSequenceClassification",
    "Glm4ForTokenClassification",
    "Glm4Model",
    "Glm4PreTrainedModel",
]
