"""Names of trustformers.generation. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.generation.mixin import GenerateBeamDecoderOnlyOutput as GenerateBeamDecoderOnlyOutput
from trustformers.generation.mixin import GenerateDecoderOnlyOutput as GenerateDecoderOnlyOutput
from trustformers.generation.mixin import GenerationMixin as GenerationMixin
from trustformers.generation.streamers import BaseStreamer as BaseStreamer
from trustformers.generation.streamers import TextIteratorStreamer as TextIteratorStreamer
from trustformers.generation.streamers import TextStreamer as TextStreamer
from trustformers.generation.streams import AsyncTokenStream as AsyncTokenStream
from trustformers.generation.streams import TokenStream as TokenStream

__all__ = [
    "AsyncTokenStream",
    "BaseStreamer",
    "GenerateBeamDecoderOnlyOutput",
    "GenerateDecoderOnlyOutput",
    "GenerationConfig",
    "GenerationMixin",
    "TextIteratorStreamer",
    "TextStreamer",
    "TokenStream",
]
