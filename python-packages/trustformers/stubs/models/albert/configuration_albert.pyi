"""Names of transformers.models.albert.configuration_albert. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    AlbertConfig as AlbertConfig,
)
