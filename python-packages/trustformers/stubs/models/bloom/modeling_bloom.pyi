"""Names of transformers.models.bloom.modeling_bloom. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    BloomConfig as BloomConfig,
    BloomForCausalLM as BloomForCausalLM,
    BloomForSequenceClassification as BloomForSequenceClassification,
    BloomForTokenClassification as BloomForTokenClassification,
    BloomModel as BloomModel,
)
