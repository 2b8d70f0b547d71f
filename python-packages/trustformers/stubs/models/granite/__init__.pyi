"""Names of transformers.models.granite. Written by ci/python_stubs.py."""

from trustformers.models.families import GraniteConfig as GraniteConfig
from trustformers.models.families import GraniteForCausalLM as GraniteForCausalLM
from trustformers.models.families import GraniteModel as GraniteModel
from trustformers.models.families import GranitePreTrainedModel as GranitePreTrainedModel

__all__ = [
    "GraniteConfig",
    "GraniteForCausalLM",
    "GraniteModel",
    "GranitePreTrainedModel",
]
