"""Names of transformers.training_args_seq2seq. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.training.arguments import TrainingArguments as TrainingArguments
from trustformers.training.arguments_seq2seq import Seq2SeqTrainingArguments as Seq2SeqTrainingArguments
from trustformers.utils.docstrings import add_start_docstrings as add_start_docstrings

__all__ = [
    "GenerationConfig",
    "Seq2SeqTrainingArguments",
    "TrainingArguments",
    "add_start_docstrings",
]
