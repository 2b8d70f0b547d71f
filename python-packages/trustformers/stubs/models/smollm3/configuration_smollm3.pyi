"""Names of transformers.models.smollm3.configuration_smollm3. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    SmolLM3Config as SmolLM3Config,
)
