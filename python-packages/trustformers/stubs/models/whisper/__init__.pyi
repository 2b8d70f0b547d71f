"""Names of transformers.models.whisper. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import WhisperTokenizer as WhisperTokenizer

__all__ = [
    "WhisperTokenizer",
]
