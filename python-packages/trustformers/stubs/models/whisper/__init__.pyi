"""Names of transformers.models.whisper. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import WhisperTokenizer as WhisperTokenizer
from trustformers.utils.other_families import WhisperConfig as WhisperConfig

__all__ = [
    "WhisperConfig",
    "WhisperTokenizer",
]
