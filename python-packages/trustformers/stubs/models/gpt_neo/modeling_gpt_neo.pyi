"""Names of transformers.models.gpt_neo.modeling_gpt_neo. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GPTNeoConfig as GPTNeoConfig,
    GPTNeoForCausalLM as GPTNeoForCausalLM,
    GPTNeoForSequenceClassification as GPTNeoForSequenceClassification,
    GPTNeoForTokenClassification as GPTNeoForTokenClassification,
    GPTNeoModel as GPTNeoModel,
)
