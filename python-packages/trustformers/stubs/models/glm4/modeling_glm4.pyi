"""Names of transformers.models.glm4.modeling_glm4. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Glm4Config as Glm4Config,
    Glm4ForCausalLM as Glm4ForCausalLM,
    Glm4ForSequenceClassification as Glm4ForSequenceClassification,
    Glm4ForTokenClassification as Glm4ForTokenClassification,
    Glm4Model as Glm4Model,
)
