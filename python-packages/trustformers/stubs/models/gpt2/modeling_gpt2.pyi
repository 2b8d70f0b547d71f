"""Names of transformers.models.gpt2.modeling_gpt2. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GPT2Config as GPT2Config,
    GPT2ForSequenceClassification as GPT2ForSequenceClassification,
    GPT2ForTokenClassification as GPT2ForTokenClassification,
    GPT2LMHeadModel as GPT2LMHeadModel,
    GPT2Model as GPT2Model,
)
