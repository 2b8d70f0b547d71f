"""Names of transformers.models.seed_oss. Written by ci/python_stubs.py."""

from trustformers.models.families import SeedOssConfig as SeedOssConfig
from trustformers.models.families import SeedOssForCausalLM as SeedOssForCausalLM
from trustformers.models.families import SeedOssForSequenceClassification as SeedOssForSequenceClassification
from trustformers.models.families import SeedOssForTokenClassification as SeedOssForTokenClassification
from trustformers.models.families import SeedOssModel as SeedOssModel
from trustformers.models.families import SeedOssPreTrainedModel as SeedOssPreTrainedModel

__all__ = [
    "SeedOssConfig",
    "SeedOssForCausalLM",
    "SeedOssForSequenceClassification",
    "SeedOssForTokenClassification",
    "SeedOssModel",
    "SeedOssPreTrainedModel",
]
