"""Names of transformers.configuration_utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.configuration import PretrainedConfig as PretrainedConfig
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.hub_files import CONFIG_NAME as CONFIG_NAME
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.refused import custom_object_save as custom_object_save

__all__ = [
    "CONFIG_NAME",
    "GenerationConfig",
    "PreTrainedConfig",
    "PretrainedConfig",
    "PushToHubMixin",
    "cached_file",
    "copy_func",
    "custom_object_save",
    "is_torch_available",
    "logging",
]
