"""Names of transformers.models.arcee. Written by ci/python_stubs.py."""

from trustformers.models.families import ArceeConfig as ArceeConfig
from trustformers.models.families import ArceeForCausalLM as ArceeForCausalLM
from trustformers.models.families import ArceeForSequenceClassification as ArceeForSequenceClassification
from trustformers.models.families import ArceeForTokenClassification as ArceeForTokenClassification
from trustformers.models.families import ArceeModel as ArceeModel
from trustformers.models.families import ArceePreTrainedModel as ArceePreTrainedModel

__all__ = [
    "ArceeConfig",
    "ArceeForCausalLM",
    "ArceeForSequenceClassification",
    "ArceeForTokenClassification",
    "ArceeModel",
    "ArceePreTrainedModel",
]
