"""Names of transformers.models.olmo3.modeling_olmo3. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Olmo3Config as Olmo3Config,
    Olmo3ForCausalLM as Olmo3ForCausalLM,
    Olmo3ForSequenceClassification as Olmo3ForSequenceClassification,
    Olmo3Model as Olmo3Model,
)
