"""Names of transformers.models.rembert.configuration_rembert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    RemBertConfig as RemBertConfig,
)
