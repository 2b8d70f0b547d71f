"""Names of transformers.models.gemma3.modeling_gemma3. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Gemma3ForCausalLM as Gemma3ForCausalLM,
    Gemma3TextConfig as Gemma3TextConfig,
    Gemma3TextForSequenceClassification as Gemma3TextForSequenceClassification,
    Gemma3TextModel as Gemma3TextModel,
)
