"""Names of transformers.models.phi3. Written by ci/python_stubs.py."""

from trustformers.models.families import Phi3Config as Phi3Config
from trustformers.models.families import Phi3ForCausalLM as Phi3ForCausalLM
from trustformers.models.families import Phi3ForSequenceClassification as Phi3ForSequenceClassification
from trustformers.models.families import Phi3ForTokenClassification as Phi3ForTokenClassification
from trustformers.models.families import Phi3Model as Phi3Model
from trustformers.models.families import Phi3PreTrainedModel as Phi3PreTrainedModel

__all__ = [
    "Phi3Config",
    "Phi3ForCausalLM",
    "Phi3ForSequenceClassification",
    "Phi3ForTokenClassification",
    "Phi3Model",
    "Phi3PreTrainedModel",
]
