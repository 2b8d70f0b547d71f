"""Names of transformers.models.bloom.configuration_bloom. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    BloomConfig as BloomConfig,
)
