"""Names of transformers.models.olmo3. Written by ci/python_stubs.py."""

from trustformers.models.families import Olmo3Config as Olmo3Config
from trustformers.models.families import Olmo3ForCausalLM as Olmo3ForCausalLM
from trustformers.models.families import Olmo3ForSequenceClassification as Olmo3ForSequenceClassification
from trustformers.models.families import Olmo3Model as Olmo3Model
from trustformers.models.families import Olmo3PreTrainedModel as Olmo3PreTrainedModel

__all__ = [
    "Olmo3Config",
    "Olmo3ForCausalLM",
    "Olmo3ForSequenceClassification",
    "Olmo3Model",
    "Olmo3PreTrainedModel",
]
