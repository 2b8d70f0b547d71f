"""Names of transformers.generation.configuration_utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import BaseWatermarkingConfig as BaseWatermarkingConfig
from trustformers.generation.config import CompileConfig as CompileConfig
from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.config import GenerationMode as GenerationMode
from trustformers.generation.config import SynthIDTextWatermarkingConfig as SynthIDTextWatermarkingConfig
from trustformers.generation.config import WatermarkingConfig as WatermarkingConfig
from trustformers.generation.logits_process import WatermarkLogitsProcessor as WatermarkLogitsProcessor
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils import logging as logging
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum
from trustformers.utils.hub_files import GENERATION_CONFIG_NAME as GENERATION_CONFIG_NAME
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.refused import ContinuousBatchingConfig as ContinuousBatchingConfig

__all__ = [
    "BaseWatermarkingConfig",
    "CompileConfig",
    "ContinuousBatchingConfig",
    "ExplicitEnum",
    "GENERATION_CONFIG_NAME",
    "GenerationConfig",
    "GenerationMode",
    "PreTrainedConfig",
    "PreTrainedModel",
    "PushToHubMixin",
    "SynthIDTextWatermarkingConfig",
    "WatermarkLogitsProcessor",
    "WatermarkingConfig",
    "cached_file",
    "logging",
]
