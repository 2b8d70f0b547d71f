"""Names of transformers.models.mpnet.configuration_mpnet. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    MPNetConfig as MPNetConfig,
)
