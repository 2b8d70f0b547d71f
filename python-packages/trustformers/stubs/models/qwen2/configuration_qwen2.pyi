"""Names of transformers.models.qwen2.configuration_qwen2. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    Qwen2Config as Qwen2Config,
)
