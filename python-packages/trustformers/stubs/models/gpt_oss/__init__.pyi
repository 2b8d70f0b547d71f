"""Names of transformers.models.gpt_oss. Written by ci/python_stubs.py."""

from trustformers.models.families import GptOssConfig as GptOssConfig
from trustformers.models.families import GptOssForCausalLM as GptOssForCausalLM
from trustformers.models.families import GptOssForSequenceClassification as GptOssForSequenceClassification
from trustformers.models.families import GptOssForTokenClassification as GptOssForTokenClassification
from trustformers.models.families import GptOssModel as GptOssModel
from trustformers.models.families import GptOssPreTrainedModel as GptOssPreTrainedModel

__all__ = [
    "GptOssConfig",
    "GptOssForCausalLM",
    "GptOssForSequenceClassification",
    "GptOssForTokenClassification",
    "GptOssModel",
    "GptOssPreTrainedModel",
]
