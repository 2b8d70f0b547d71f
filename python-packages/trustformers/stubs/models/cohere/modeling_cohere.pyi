"""Names of transformers.models.cohere.modeling_cohere. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    CohereConfig as CohereConfig,
    CohereForCausalLM as CohereForCausalLM,
    CohereModel as CohereModel,
)
