"""Names of transformers.models.starcoder2.modeling_starcoder2. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Starcoder2Config as Starcoder2Config,
    Starcoder2ForCausalLM as Starcoder2ForCausalLM,
    Starcoder2ForSequenceClassification as Starcoder2ForSequenceClassification,
    Starcoder2ForTokenClassification as Starcoder2ForTokenClassification,
    Starcoder2Model as Starcoder2Model,
)
