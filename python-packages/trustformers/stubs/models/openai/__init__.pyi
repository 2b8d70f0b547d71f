"""Names of transformers.models.openai. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import OpenAIGPTTokenizer as OpenAIGPTTokenizer
from trustformers.utils.other_families import OpenAIGPTLMHeadModel as OpenAIGPTLMHeadModel

__all__ = [
    "OpenAIGPTLMHeadModel",
    "OpenAIGPTTokenizer",
]
