"""Names of transformers.generation.utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.logits_process import LogitsProcessorList as LogitsProcessorList
from trustformers.generation.mixin import GenerateBeamDecoderOnlyOutput as GenerateBeamDecoderOnlyOutput
from trustformers.generation.mixin import GenerateDecoderOnlyOutput as GenerateDecoderOnlyOutput
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.generation.stopping_criteria import MaxLengthCriteria as MaxLengthCriteria
from trustformers.generation.stopping_criteria import MaxTimeCriteria as MaxTimeCriteria
from trustformers.generation.stopping_criteria import StoppingCriteria as StoppingCriteria
from trustformers.generation.stopping_criteria import StoppingCriteriaList as StoppingCriteriaList
from trustformers.generation.streamers import BaseStreamer as BaseStreamer
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import QuantizedCache as QuantizedCache
from trustformers.models.cache import StaticCache as StaticCache
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.tokenizers.fast import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_deepspeed_zero3_enabled as is_deepspeed_zero3_enabled
from trustformers.utils.availability import is_fsdp_managed_module as is_fsdp_managed_module
from trustformers.utils.hub_files import has_file as has_file

__all__ = [
    "BaseStreamer",
    "Cache",
    "DynamicCache",
    "GenerateBeamDecoderOnlyOutput",
    "GenerateDecoderOnlyOutput",
    "GenerationConfig",
    "GenerationMixin",
    "LogitsProcessorList",
    "MaxLengthCriteria",
    "MaxTimeCriteria",
    "ModelOutput",
    "PreTrainedModel",
    "PreTrainedTokenizerBase",
    "QuantizedCache",
    "StaticCache",
    "StoppingCriteria",
    "StoppingCriteriaList",
    "has_file",
    "is_accelerate_available",
    "is_deepspeed_zero3_enabled",
    "is_fsdp_managed_module",
    "logging",
]
