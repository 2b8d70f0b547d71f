"""Names of transformers.models.gptj.configuration_gptj. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GPTJConfig as GPTJConfig,
)
