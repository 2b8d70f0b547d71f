"""Names of transformers.models.qwen3. Written by ci/python_stubs.py."""

from trustformers.models.families import Qwen3Config as Qwen3Config
from trustformers.models.families import Qwen3ForCausalLM as Qwen3ForCausalLM
from trustformers.models.families import Qwen3ForSequenceClassification as Qwen3ForSequenceClassification
from trustformers.models.families import Qwen3ForTokenClassification as Qwen3ForTokenClassification
from trustformers.models.families import Qwen3Model as Qwen3Model
from trustformers.models.families import Qwen3PreTrainedModel as Qwen3PreTrainedModel

__all__ = [
    "Qwen3Config",
    "Qwen3ForCausalLM",
    "Qwen3ForSequenceClassification",
    "Qwen3ForTokenClassification",
    "Qwen3Model",
    "Qwen3PreTrainedModel",
]
