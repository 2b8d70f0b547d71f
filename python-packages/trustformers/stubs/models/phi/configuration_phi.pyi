"""Names of transformers.models.phi.configuration_phi. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    PhiConfig as PhiConfig,
)
