"""Names of transformers.models.falcon.configuration_falcon. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import FalconConfig as FalconConfig

__all__ = [
    "FalconConfig",
    "PreTrainedConfig",
]
