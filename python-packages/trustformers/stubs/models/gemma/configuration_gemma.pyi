"""Names of transformers.models.gemma.configuration_gemma. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GemmaConfig as GemmaConfig,
)
