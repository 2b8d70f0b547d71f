"""Names of transformers.models.seed_oss.configuration_seed_oss. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    SeedOssConfig as SeedOssConfig,
)
