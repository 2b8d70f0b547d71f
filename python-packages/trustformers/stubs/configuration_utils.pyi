"""Names of transformers.configuration_utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.configuration import PretrainedConfig as PretrainedConfig
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.hub_files import CONFIG_NAME as CONFIG_NAME
from trustformers.utils.hub_files import cached_file as cached_file

__all__ = [
    "CONFIG_NAME",
    "GenerationConfig",
    "PreTrainedConfig",
    "PretrainedConfig",
    "cached_file",
    "is_torch_available",
    "logging",
]
