"""Names of transformers.models.seed_oss.modeling_seed_oss. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    SeedOssConfig as SeedOssConfig,
    SeedOssForCausalLM as SeedOssForCausalLM,
    SeedOssForSequenceClassification as SeedOssForSequenceClassification,
    SeedOssForTokenClassification as SeedOssForTokenClassification,
    SeedOssModel as SeedOssModel,
)
