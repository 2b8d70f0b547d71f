"""Names of transformers.models.helium.modeling_helium. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    HeliumConfig as HeliumConfig,
    HeliumForCausalLM as HeliumForCausalLM,
    HeliumForSequenceClassification as HeliumForSequenceClassification,
    HeliumForTokenClassification as HeliumForTokenClassification,
    HeliumModel as HeliumModel,
)
