"""Names of transformers.pipelines.text_to_audio. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "GenerationConfig",
    "Pipeline",
    "is_torch_available",
]
