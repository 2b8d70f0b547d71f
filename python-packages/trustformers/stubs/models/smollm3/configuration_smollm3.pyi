"""Names of transformers.models.smollm3.configuration_smollm3. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import SmolLM3Config as SmolLM3Config

__all__ = [
    "PreTrainedConfig",
    "SmolLM3Config",
]
