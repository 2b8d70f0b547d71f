"""Names of transformers.models.squeezebert.configuration_squeezebert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    SqueezeBertConfig as SqueezeBertConfig,
)
