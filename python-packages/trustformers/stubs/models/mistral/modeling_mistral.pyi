"""Names of transformers.models.mistral.modeling_mistral. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    MistralConfig as MistralConfig,
    MistralForCausalLM as MistralForCausalLM,
    MistralForSequenceClassification as MistralForSequenceClassification,
    MistralForTokenClassification as MistralForTokenClassification,
    MistralModel as MistralModel,
)
