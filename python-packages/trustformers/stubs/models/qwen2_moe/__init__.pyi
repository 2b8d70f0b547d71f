"""Names of transformers.models.qwen2_moe. Written by ci/python_stubs.py."""

from trustformers.models.families import Qwen2MoeConfig as Qwen2MoeConfig
from trustformers.models.families import Qwen2MoeForCausalLM as Qwen2MoeForCausalLM
from trustformers.models.families import Qwen2MoeForSequenceClassification as Qwen2MoeForSequenceClassification
from trustformers.models.families import Qwen2MoeForTokenClassification as Qwen2MoeForTokenClassification
from trustformers.models.families import Qwen2MoeModel as Qwen2MoeModel
from trustformers.models.families import Qwen2MoePreTrainedModel as Qwen2MoePreTrainedModel

__all__ = [
    "Qwen2MoeConfig",
    "Qwen2MoeForCausalLM",
    "Qwen2MoeForSequenceClassification",
    "Qwen2MoeForTokenClassification",
    "Qwen2MoeModel",
    "Qwen2MoePreTrainedModel",
]
