"""Names of transformers.models.whisper.configuration_whisper. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import WhisperConfig as WhisperConfig

__all__ = [
    "WhisperConfig",
]
