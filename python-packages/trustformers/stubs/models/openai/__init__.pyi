"""Names of transformers.models.openai. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import OpenAIGPTTokenizer as OpenAIGPTTokenizer

__all__ = [
    "OpenAIGPTTokenizer",
]
