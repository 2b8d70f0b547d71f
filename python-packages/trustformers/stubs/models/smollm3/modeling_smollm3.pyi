"""Names of transformers.models.smollm3.modeling_smollm3. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    SmolLM3Config as SmolLM3Config,
    SmolLM3ForCausalLM as SmolLM3ForCausalLM,
    SmolLM3ForSequenceClassification as SmolLM3ForSequenceClassification,
    SmolLM3ForTokenClassification as SmolLM3ForTokenClassification,
    SmolLM3Model as SmolLM3Model,
)
