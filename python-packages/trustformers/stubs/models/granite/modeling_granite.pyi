"""Names of transformers.models.granite.modeling_granite. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GraniteConfig as GraniteConfig,
    GraniteForCausalLM as GraniteForCausalLM,
    GraniteModel as GraniteModel,
)
