"""Names of transformers.models.arcee.modeling_arcee. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    ArceeConfig as ArceeConfig,
    ArceeForCausalLM as ArceeForCausalLM,
    ArceeForSequenceClassification as ArceeForSequenceClassification,
    ArceeForTokenClassification as ArceeForTokenClassification,
    ArceeModel as ArceeModel,
)
