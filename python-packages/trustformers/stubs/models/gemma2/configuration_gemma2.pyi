"""Names of transformers.models.gemma2.configuration_gemma2. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Gemma2Config as Gemma2Config,
)
