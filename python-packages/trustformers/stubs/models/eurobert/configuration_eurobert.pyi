"""Names of transformers.models.eurobert.configuration_eurobert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    EuroBertConfig as EuroBertConfig,
)
