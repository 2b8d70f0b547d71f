"""Names of transformers.models.smollm3. Written by ci/python_stubs.py."""

from trustformers.models.families import SmolLM3Config as SmolLM3Config
from trustformers.models.families import SmolLM3ForCausalLM as SmolLM3ForCausalLM
from trustformers.models.families import SmolLM3ForSequenceClassification as SmolLM3ForSequenceClassification
from trustformers.models.families import SmolLM3ForTokenClassification as SmolLM3ForTokenClassification
from trustformers.models.families import SmolLM3Model as SmolLM3Model
from trustformers.models.families import SmolLM3PreTrainedModel as SmolLM3PreTrainedModel

__all__ = [
    "SmolLM3Config",
    "SmolLM3ForCausalLM",
    "SmolLM3ForSequenceClassification",
    "SmolLM3ForTokenClassification",
    "SmolLM3Model",
    "SmolLM3PreTrainedModel",
]
