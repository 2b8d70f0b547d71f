"""Names of transformers.models.hunyuan_v1_dense. Written by ci/python_stubs.py."""

from trustformers.models.families import HunYuanDenseV1Config as HunYuanDenseV1Config
from trustformers.models.families import HunYuanDenseV1ForCausalLM as HunYuanDenseV1ForCausalLM
from trustformers.models.families import HunYuanDenseV1ForSequenceClassification as HunYuanDenseV1ForSequenceClassification
from trustformers.models.families import HunYuanDenseV1Model as HunYuanDenseV1Model
from trustformers.models.families import HunYuanDenseV1PreTrainedModel as HunYuanDenseV1PreTrainedModel

__all__ = [
    "HunYuanDenseV1Config",
    "HunYuanDenseV1ForCausalLM",
    "HunYuanDenseV1ForSequenceClassification",
    "HunYuanDenseV1Model",
    "HunYuanDenseV1PreTrainedModel",
]
