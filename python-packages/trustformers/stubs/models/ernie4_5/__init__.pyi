"""Names of transformers.models.ernie4_5. Written by ci/python_stubs.py."""

from trustformers.models.families import Ernie4_5Config as Ernie4_5Config
from trustformers.models.families import Ernie4_5ForCausalLM as Ernie4_5ForCausalLM
from trustformers.models.families import Ernie4_5Model as Ernie4_5Model
from trustformers.models.families import Ernie4_5PreTrainedModel as Ernie4_5PreTrainedModel

__all__ = [
    "Ernie4_5Config",
    "Ernie4_5ForCausalLM",
    "Ernie4_5Model",
    "Ernie4_5PreTrainedModel",
]
