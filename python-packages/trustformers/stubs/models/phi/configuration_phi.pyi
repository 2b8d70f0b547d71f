"""Names of transformers.models.phi.configuration_phi. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import PhiConfig as PhiConfig

__all__ = [
    "PhiConfig",
    "PreTrainedConfig",
]
