"""Names of transformers.models.exaone4. Written by ci/python_stubs.py."""

from trustformers.models.families import Exaone4Config as Exaone4Config
from trustformers.models.families import Exaone4ForCausalLM as Exaone4ForCausalLM
from trustformers.models.families import Exaone4ForSequenceClassification as Exaone4ForSequenceClassification
from trustformers.models.families import Exaone4ForTokenClassification as Exaone4ForTokenClassification
from trustformers.models.families import Exaone4Model as Exaone4Model
from trustformers.models.families import Exaone4PreTrainedModel as Exaone4PreTrainedModel

__all__ = [
    "Exaone4Config",
    "Exaone4ForCausalLM",
    "Exaone4ForSequenceClassification",
    "Exaone4ForTokenClassification",
    "Exaone4Model",
    "Exaone4PreTrainedModel",
]
