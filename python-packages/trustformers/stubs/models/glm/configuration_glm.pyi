"""Names of transformers.models.glm.configuration_glm. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GlmConfig as GlmConfig,
)
