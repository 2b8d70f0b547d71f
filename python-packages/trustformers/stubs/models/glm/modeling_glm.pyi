"""Names of transformers.models.glm.modeling_glm. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GlmConfig as GlmConfig,
    GlmForCausalLM as GlmForCausalLM,
    GlmForSequenceClassification as GlmForSequenceClassification,
    GlmForTokenClassification as GlmForTokenClassification,
    GlmModel as GlmModel,
)
