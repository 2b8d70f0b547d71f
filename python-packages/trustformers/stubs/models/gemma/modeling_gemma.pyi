"""Names of transformers.models.gemma.modeling_gemma. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GemmaConfig as GemmaConfig,
    GemmaForCausalLM as GemmaForCausalLM,
    GemmaForSequenceClassification as GemmaForSequenceClassification,
    GemmaForTokenClassification as GemmaForTokenClassification,
    GemmaModel as GemmaModel,
)
