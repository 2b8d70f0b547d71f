"""Names of transformers.models.m2m_100.configuration_m2m_100. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import M2M100Config as M2M100Config

__all__ = [
    "M2M100Config",
    "PreTrainedConfig",
]
