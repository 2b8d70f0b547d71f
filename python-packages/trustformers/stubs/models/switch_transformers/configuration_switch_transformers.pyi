"""Names of transformers.models.switch_transformers.configuration_switch_transformers. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils.other_families import SwitchTransformersConfig as SwitchTransformersConfig

__all__ = [
    "PreTrainedConfig",
    "SwitchTransformersConfig",
]
