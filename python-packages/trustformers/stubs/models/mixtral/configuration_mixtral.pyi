"""Names of transformers.models.mixtral.configuration_mixtral. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    MixtralConfig as MixtralConfig,
)
