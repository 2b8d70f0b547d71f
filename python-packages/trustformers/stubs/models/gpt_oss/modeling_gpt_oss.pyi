"""Names of transformers.models.gpt_oss.modeling_gpt_oss. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GptOssConfig as GptOssConfig,
    GptOssForCausalLM as GptOssForCausalLM,
    GptOssForSequenceClassification as GptOssForSequenceClassification,
    GptOssForTokenClassification as GptOssForTokenClassification,
    GptOssModel as GptOssModel,
)
