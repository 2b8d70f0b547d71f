"""Names of transformers.models.squeezebert.configuration_squeezebert. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import SqueezeBertConfig as SqueezeBertConfig

__all__ = [
    "PreTrainedConfig",
    "SqueezeBertConfig",
]
