"""Names of trustformers.generation. Written by ci/python_stubs.py."""

from trustformers.generation.config import BaseWatermarkingConfig as BaseWatermarkingConfig
from trustformers.generation.config import CompileConfig as CompileConfig
from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.config import GenerationMode as GenerationMode
from trustformers.generation.config import SynthIDTextWatermarkingConfig as SynthIDTextWatermarkingConfig
from trustformers.generation.config import WatermarkingConfig as WatermarkingConfig
from trustformers.generation.logits_process import ClassifierFreeGuidanceLogitsProcessor as ClassifierFreeGuidanceLogitsProcessor
from trustformers.generation.logits_process import EncoderNoRepeatNGramLogitsProcessor as EncoderNoRepeatNGramLogitsProcessor
from trustformers.generation.logits_process import EncoderRepetitionPenaltyLogitsProcessor as EncoderRepetitionPenaltyLogitsProcessor
from trustformers.generation.logits_process import EpsilonLogitsWarper as EpsilonLogitsWarper
from trustformers.generation.logits_process import EtaLogitsWarper as EtaLogitsWarper
from trustformers.generation.logits_process import ExponentialDecayLengthPenalty as ExponentialDecayLengthPenalty
from trustformers.generation.logits_process import ForcedBOSTokenLogitsProcessor as ForcedBOSTokenLogitsProcessor
from trustformers.generation.logits_process import ForcedEOSTokenLogitsProcessor as ForcedEOSTokenLogitsProcessor
from trustformers.generation.logits_process import InfNanRemoveLogitsProcessor as InfNanRemoveLogitsProcessor
from trustformers.generation.logits_process import LogitNormalization as LogitNormalization
from trustformers.generation.logits_process import LogitsProcessor as LogitsProcessor
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
from trustformers.generation.logits_process import SynthIDTextWatermarkLogitsProcessor as SynthIDTextWatermarkLogitsProcessor
from trustformers.generation.logits_process import TemperatureLogitsWarper as TemperatureLogitsWarper
from trustformers.generation.logits_process import TopHLogitsWarper as TopHLogitsWarper
from trustformers.generation.logits_process import TopKLogitsWarper as TopKLogitsWarper
from trustformers.generation.logits_process import TopPLogitsWarper as TopPLogitsWarper
from trustformers.generation.logits_process import TypicalLogitsWarper as TypicalLogitsWarper
from trustformers.generation.logits_process import UnbatchedClassifierFreeGuidanceLogitsProcessor as UnbatchedClassifierFreeGuidanceLogitsProcessor
from trustformers.generation.logits_process import WatermarkLogitsProcessor as WatermarkLogitsProcessor
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
from trustformers.generation.stopping_criteria import validate_stopping_criteria as validate_stopping_criteria
from trustformers.generation.streamers import AsyncTextIteratorStreamer as AsyncTextIteratorStreamer
from trustformers.generation.streamers import BaseStreamer as BaseStreamer
from trustformers.generation.streamers import TextIteratorStreamer as TextIteratorStreamer
from trustformers.generation.streamers import TextStreamer as TextStreamer
from trustformers.generation.streams import AsyncTokenStream as AsyncTokenStream
from trustformers.generation.streams import TokenStream as TokenStream
from trustformers.generation.watermarking import WatermarkDetector as WatermarkDetector
from trustformers.generation.watermarking import WatermarkDetectorOutput as WatermarkDetectorOutput
from trustformers.utils.availability import is_rich_available as is_rich_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.refused import ContinuousBatchingConfig as ContinuousBatchingConfig

__all__ = [
    "AsyncTextIteratorStreamer",
    "AsyncTokenStream",
    "BaseStreamer",
    "BaseWatermarkingConfig",
    "ClassifierFreeGuidanceLogitsProcessor",
    "CompileConfig",
    "ConfidenceCriteria",
    "ContinuousBatchingConfig",
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
    "LogitsProcessor",
    "LogitsProcessorList",
    "MaxLengthCriteria",
    "MaxTimeCriteria",
    "MinLengthLogitsProcessor",
    "MinNewTokensLengthLogitsProcessor",
    "MinPLogitsWarper",
    "NoBadWordsLogitsProcessor",
    "NoRepeatNGramLogitsProcessor",
    "PrefixConstrainedLogitsProcessor",
    "RepetitionPenaltyLogitsProcessor",
    "SequenceBiasLogitsProcessor",
    "StopStringCriteria",
    "StoppingCriteria",
    "StoppingCriteriaList",
    "SuppressTokensAtBeginLogitsProcessor",
    "SuppressTokensLogitsProcessor",
    "SynthIDTextWatermarkLogitsProcessor",
    "SynthIDTextWatermarkingConfig",
    "TemperatureLogitsWarper",
    "TextIteratorStreamer",
    "TextStreamer",
    "TokenStream",
    "TopHLogitsWarper",
    "TopKLogitsWarper",
    "TopPLogitsWarper",
    "TypicalLogitsWarper",
    "UnbatchedClassifierFreeGuidanceLogitsProcessor",
    "WatermarkDetector",
    "WatermarkDetectorOutput",
    "WatermarkLogitsProcessor",
    "WatermarkingConfig",
    "is_rich_available",
    "is_torch_available",
    "validate_stopping_criteria",
]
