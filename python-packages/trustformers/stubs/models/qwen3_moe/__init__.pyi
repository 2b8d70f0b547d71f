"""Names of transformers.models.qwen3_moe. Written by ci/python_stubs.py."""

from trustformers.models.families import Qwen3MoeConfig as Qwen3MoeConfig
from trustformers.models.families import Qwen3MoeForCausalLM as Qwen3MoeForCausalLM
from trustformers.models.families import Qwen3MoeForSequenceClassification as Qwen3MoeForSequenceClassification
from trustformers.models.families import Qwen3MoeForTokenClassification as Qwen3MoeForTokenClassification
from trustformers.models.families import Qwen3MoeModel as Qwen3MoeModel
from trustformers.models.families import Qwen3MoePreTrainedModel as Qwen3MoePreTrainedModel

__all__ = [
    "Qwen3MoeConfig",
    "Qwen3MoeForCausalLM",
    "Qwen3MoeForSequenceClassification",
    "Qwen3MoeForTokenClassification",
    "Qwen3MoeModel",
    "Qwen3MoePreTrainedModel",
]
