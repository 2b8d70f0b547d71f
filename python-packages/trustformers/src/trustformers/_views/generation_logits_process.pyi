"""Names of transformers.generation.logits_process. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig

__all__ = [
    "GenerationConfig",
]
