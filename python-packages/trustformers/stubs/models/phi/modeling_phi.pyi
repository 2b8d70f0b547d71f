"""Names of transformers.models.phi.modeling_phi. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    PhiConfig as PhiConfig,
    PhiForCausalLM as PhiForCausalLM,
    PhiForSequenceClassification as PhiForSequenceClassification,
    PhiForTokenClassification as PhiForTokenClassification,
    PhiModel as PhiModel,
)
