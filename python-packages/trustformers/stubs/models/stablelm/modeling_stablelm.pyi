"""Names of transformers.models.stablelm.modeling_stablelm. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    StableLmConfig as StableLmConfig,
    StableLmForCausalLM as StableLmForCausalLM,
    StableLmForSequenceClassification as StableLmForSequenceClassification,
    StableLmForTokenClassification as StableLmForTokenClassification,
    StableLmModel as StableLmModel,
)
