"""Names of transformers.generation.utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.config import GenerationMode as GenerationMode
from trustformers.generation.logits_process import EncoderNoRepeatNGramLogitsProcessor as EncoderNoRepeatNGramLogitsProcessor
from trustformers.generation.logits_process import EncoderRepetitionPenaltyLogitsProcessor as EncoderRepetitionPenaltyLogitsProcessor
from trustformers.generation.logits_process import EpsilonLogitsWarper as EpsilonLogitsWarper
from trustformers.generation.logits_process import EtaLogitsWarper as EtaLogitsWarper
from trustformers.generation.logits_process import ExponentialDecayLengthPenalty as ExponentialDecayLengthPenalty
from trustformers.generation.logits_process import ForcedBOSTokenLogitsProcessor as ForcedBOSTokenLogitsProcessor
from trustformers.generation.logits_process import ForcedEOSTokenLogitsProcessor as ForcedEOSTokenLogitsProcessor
from trustformers.generation.logits_process import InfNanRemoveLogitsProcessor as InfNanRemoveLogitsProcessor
from trustformers.generation.logits_process import LogitNormalization as LogitNormalization
from trustformers.generation.logits_process import LogitsProcessorList as LogitsProcessorList
from trustformers.generation.logits_process import MinLengthLogitsProcessor as MinLengthLogitsProcessor
from trustformers.generation.logits_process import MinNewTokensLengthLogitsProcessor as MinNewTokensLengthLogitsProcessor
from trustformers.generation.logits_process import MinPLogitsWarper as MinPLogitsWarper
from trustformers.generation.logits_process import NoBadWordsLogitsProcessor as NoBadWordsLogitsProcessor
from trustformers.generation.logits_process import NoRepeatNGramLogitsProcessor as NoRepeatNGramLogitsProcessor
from trustformers.generation.logits_process import PrefixConstrainedLogitsProcessor as PrefixConstrainedLogitsProcessor
from trustformers.generation.logits_process import RepetitionPenaltyLogitsProcessor as RepetitionPenaltyLogitsProcessor
from trustformers.generation.logits_process import SequenceBiasLogitsProcessor as SequenceBiasLogitsProcessor
from trustformers.generation.logits_process import SuppressTokensAtBeginLogitsProcessor as SuppressTokensAtBeginLogitsProcessor
from trustformers.generation.logits_process import SuppressTokensLogitsProcessor as SuppressTokensLogitsProcessor
from trustformers.generation.logits_process import TemperatureLogitsWarper as TemperatureLogitsWarper
from trustformers.generation.logits_process import TopHLogitsWarper as TopHLogitsWarper
from trustformers.generation.logits_process import TopKLogitsWarper as TopKLogitsWarper
from trustformers.generation.logits_process import TopPLogitsWarper as TopPLogitsWarper
from trustformers.generation.logits_process import TypicalLogitsWarper as TypicalLogitsWarper
from trustformers.generation.logits_process import UnbatchedClassifierFreeGuidanceLogitsProcessor as UnbatchedClassifierFreeGuidanceLogitsProcessor
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.generation.outputs import GenerateBeamDecoderOnlyOutput as GenerateBeamDecoderOnlyOutput
from trustformers.generation.outputs import GenerateBeamEncoderDecoderOutput as GenerateBeamEncoderDecoderOutput
from trustformers.generation.outputs import GenerateBeamOutput as GenerateBeamOutput
from trustformers.generation.outputs import GenerateDecoderOnlyOutput as GenerateDecoderOnlyOutput
from trustformers.generation.outputs import GenerateEncoderDecoderOutput as GenerateEncoderDecoderOutput
from trustformers.generation.outputs import GenerateNonBeamOutput as GenerateNonBeamOutput
from trustformers.generation.outputs import GenerateOutput as GenerateOutput
from trustformers.generation.stopping_criteria import ConfidenceCriteria as ConfidenceCriteria
from trustformers.generation.stopping_criteria import EosTokenCriteria as EosTokenCriteria
from trustformers.generation.stopping_criteria import MaxLengthCriteria as MaxLengthCriteria
from trustformers.generation.stopping_criteria import MaxTimeCriteria as MaxTimeCriteria
from trustformers.generation.stopping_criteria import StopStringCriteria as StopStringCriteria
from trustformers.generation.stopping_criteria import StoppingCriteria as StoppingCriteria
from trustformers.generation.stopping_criteria import StoppingCriteriaList as StoppingCriteriaList
from trustformers.generation.streamers import BaseStreamer as BaseStreamer
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.cache import Cache as Cache
from trustformers.models.cache import DynamicCache as DynamicCache
from trustformers.models.cache import EncoderDecoderCache as EncoderDecoderCache
from trustformers.models.cache import QuantizedCache as QuantizedCache
from trustformers.models.cache import StaticCache as StaticCache
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_deepspeed_zero3_enabled as is_deepspeed_zero3_enabled
from trustformers.utils.availability import is_fsdp_managed_module as is_fsdp_managed_module
from trustformers.utils.hub_files import has_file as has_file

__all__ = [
    "BaseStreamer",
    "Cache",
    "ConfidenceCriteria",
    "DynamicCache",
    "EncoderDecoderCache",
    "EncoderNoRepeatNGramLogitsProcessor",
    "EncoderRepetitionPenaltyLogitsProcessor",
    "EosTokenCriteria",
    "EpsilonLogitsWarper",
    "EtaLogitsWarper",
    "ExponentialDecayLengthPenalty",
    "ForcedBOSTokenLogitsProcessor",
    "ForcedEOSTokenLogitsProcessor",
    "GenerateBeamDecoderOnlyOutput",
    "GenerateBeamEncoderDecoderOutput",
    "GenerateBeamOutput",
    "GenerateDecoderOnlyOutput",
    "GenerateEncoderDecoderOutput",
    "GenerateNonBeamOutput",
    "GenerateOutput",
    "GenerationConfig",
    "GenerationMixin",
    "GenerationMode",
    "InfNanRemoveLogitsProcessor",
    "LogitNormalization",
    "LogitsProcessorList",
    "MaxLengthCriteria",
    "MaxTimeCriteria",
    "MinLengthLogitsProcessor",
    "MinNewTokensLengthLogitsProcessor",
    "MinPLogitsWarper",
    "ModelOutput",
    "NoBadWordsLogitsProcessor",
    "NoRepeatNGramLogitsProcessor",
    "PreTrainedModel",
    "PreTrainedTokenizerBase",
    "PrefixConstrainedLogitsProcessor",
    "QuantizedCache",
    "RepetitionPenaltyLogitsProcessor",
    "SequenceBiasLogitsProcessor",
    "StaticCache",
    "StopStringCriteria",
    "StoppingCriteria",
    "StoppingCriteriaList",
    "SuppressTokensAtBeginLogitsProcessor",
    "SuppressTokensLogitsProcessor",
    "TemperatureLogitsWarper",
    "TopHLogitsWarper",
    "TopKLogitsWarper",
    "TopPLogitsWarper",
    "TypicalLogitsWarper",
    "UnbatchedClassifierFreeGuidanceLogitsProcessor",
    "has_file",
    "is_accelerate_available",
    "is_deepspeed_zero3_enabled",
    "is_fsdp_managed_module",
    "logging",
]
