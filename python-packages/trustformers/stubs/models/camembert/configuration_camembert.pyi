"""Names of transformers.models.camembert.configuration_camembert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import CamembertConfig as CamembertConfig

__all__ = [
    "CamembertConfig",
    "PreTrainedConfig",
]
