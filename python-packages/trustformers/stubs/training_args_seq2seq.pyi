"""Names of transformers.training_args_seq2seq. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig

__all__ = [
    "GenerationConfig",
]
