"""Names of transformers.models.mixtral.modeling_mixtral. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    MixtralConfig as MixtralConfig,
    MixtralForCausalLM as MixtralForCausalLM,
    MixtralForSequenceClassification as MixtralForSequenceClassification,
    MixtralForTokenClassification as MixtralForTokenClassification,
    MixtralModel as MixtralModel,
)
