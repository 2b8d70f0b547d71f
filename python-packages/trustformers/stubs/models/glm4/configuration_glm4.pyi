"""Names of transformers.models.glm4.configuration_glm4. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Glm4Config as Glm4Config,
)
