"""Names of transformers.models.t5gemma. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import T5GemmaConfig as T5GemmaConfig
from trustformers.utils.other_families import T5GemmaEncoderModel as T5GemmaEncoderModel

__all__ = [
    "T5GemmaConfig",
    "T5GemmaEncoderModel",
]
