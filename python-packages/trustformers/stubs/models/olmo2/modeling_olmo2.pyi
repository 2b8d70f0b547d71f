"""Names of transformers.models.olmo2.modeling_olmo2. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Olmo2Config as Olmo2Config,
    Olmo2ForCausalLM as Olmo2ForCausalLM,
    Olmo2ForSequenceClassification as Olmo2ForSequenceClassification,
    Olmo2Model as Olmo2Model,
)
