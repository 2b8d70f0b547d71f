"""Names of trustformers.generation. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.logits_process import LogitsProcessor as LogitsProcessor
from trustformers.generation.logits_process import LogitsProcessorList as LogitsProcessorList
from trustformers.generation.mixin import GenerateBeamDecoderOnlyOutput as GenerateBeamDecoderOnlyOutput
from trustformers.generation.mixin import GenerateDecoderOnlyOutput as GenerateDecoderOnlyOutput
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.generation.stopping_criteria import MaxLengthCriteria as MaxLengthCriteria
from trustformers.generation.stopping_criteria import MaxTimeCriteria as MaxTimeCriteria
from trustformers.generation.stopping_criteria import StoppingCriteria as StoppingCriteria
from trustformers.generation.stopping_criteria import StoppingCriteriaList as StoppingCriteriaList
from trustformers.generation.streamers import BaseStreamer as BaseStreamer
from trustformers.generation.streamers import TextIteratorStreamer as TextIteratorStreamer
from trustformers.generation.streamers import TextStreamer as TextStreamer
from trustformers.generation.streams import AsyncTokenStream as AsyncTokenStream
from trustformers.generation.streams import TokenStream as TokenStream
from trustformers.utils.availability import is_rich_available as is_rich_available
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "AsyncTokenStream",
    "BaseStreamer",
    "GenerateBeamDecoderOnlyOutput",
    "GenerateDecoderOnlyOutput",
    "GenerationConfig",
    "GenerationMixin",
    "LogitsProcessor",
    "LogitsProcessorList",
    "MaxLengthCriteria",
    "MaxTimeCriteria",
    "StoppingCriteria",
    "StoppingCriteriaList",
    "TextIteratorStreamer",
    "TextStreamer",
    "TokenStream",
    "is_rich_available",
    "is_torch_available",
]
