"""Names of transformers.models.phi3.configuration_phi3. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import Phi3Config as Phi3Config

__all__ = [
    "Phi3Config",
    "PreTrainedConfig",
]
