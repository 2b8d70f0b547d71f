"""Names of transformers.models.olmo.modeling_olmo. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    OlmoConfig as OlmoConfig,
    OlmoForCausalLM as OlmoForCausalLM,
    OlmoForSequenceClassification as OlmoForSequenceClassification,
    OlmoModel as OlmoModel,
)
