"""Names of transformers.generation.configuration_utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils import logging as logging
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum
from trustformers.utils.hub_files import GENERATION_CONFIG_NAME as GENERATION_CONFIG_NAME
from trustformers.utils.hub_files import cached_file as cached_file

__all__ = [
    "ExplicitEnum",
    "GENERATION_CONFIG_NAME",
    "GenerationConfig",
    "PreTrainedConfig",
    "PreTrainedModel",
    "cached_file",
    "logging",
]
