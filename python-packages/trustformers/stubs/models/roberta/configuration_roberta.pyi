"""Names of transformers.models.roberta.configuration_roberta. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    RobertaConfig as RobertaConfig,
)
