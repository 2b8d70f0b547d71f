"""Names of transformers.training_args_seq2seq. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.training.arguments import TrainingArguments as TrainingArguments

__all__ = [
    "GenerationConfig",
    "TrainingArguments",
]
