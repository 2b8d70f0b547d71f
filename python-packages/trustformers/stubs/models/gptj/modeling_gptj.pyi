"""Names of transformers.models.gptj.modeling_gptj. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GPTJConfig as GPTJConfig,
    GPTJForCausalLM as GPTJForCausalLM,
    GPTJForSequenceClassification as GPTJForSequenceClassification,
    GPTJModel as GPTJModel,
)
