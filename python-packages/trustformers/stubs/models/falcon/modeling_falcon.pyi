"""Names of transformers.models.falcon.modeling_falcon. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    FalconConfig as FalconConfig,
    FalconForCausalLM as FalconForCausalLM,
    FalconForSequenceClassification as FalconForSequenceClassification,
    FalconForTokenClassification as FalconForTokenClassification,
    FalconModel as FalconModel,
)
