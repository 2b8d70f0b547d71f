"""Names of transformers.models.exaone4.modeling_exaone4. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Exaone4Config as Exaone4Config,
    Exaone4ForCausalLM as Exaone4ForCausalLM,
    Exaone4ForSequenceClassification as Exaone4ForSequenceClassification,
    Exaone4ForTokenClassification as Exaone4ForTokenClassification,
    Exaone4Model as Exaone4Model,
)
