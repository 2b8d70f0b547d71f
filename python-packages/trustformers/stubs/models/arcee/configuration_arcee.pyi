"""Names of transformers.models.arcee.configuration_arcee. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    ArceeConfig as ArceeConfig,
)
