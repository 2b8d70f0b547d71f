"""Names of transformers.models.mistral.configuration_mistral. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    MistralConfig as MistralConfig,
)
