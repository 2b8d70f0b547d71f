"""Names of transformers.models.cohere.configuration_cohere. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    CohereConfig as CohereConfig,
)
