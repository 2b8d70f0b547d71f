"""Names of transformers.pipelines.text_to_audio. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.pipelines.base import Pipeline as Pipeline

__all__ = [
    "GenerationConfig",
    "Pipeline",
]
