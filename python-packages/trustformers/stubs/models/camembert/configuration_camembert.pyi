"""Names of transformers.models.camembert.configuration_camembert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    CamembertConfig as CamembertConfig,
)
