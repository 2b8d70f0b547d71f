"""Names of transformers.trainer_callback. Written by ci/python_stubs.py."""

from trustformers.training.loops import has_length as has_length
from trustformers.training.strategies import IntervalStrategy as IntervalStrategy
from trustformers.training.strategies import SaveStrategy as SaveStrategy
from trustformers.utils import logging as logging
from trustformers.utils.refused import TrainerCallback as TrainerCallback
from trustformers.utils.refused import TrainerControl as TrainerControl
from trustformers.utils.refused import TrainerState as TrainerState
from trustformers.utils.refused import TrainingArguments as TrainingArguments

__all__ = [
    "IntervalStrategy",
    "SaveStrategy",
    "TrainerCallback",
    "TrainerControl",
    "TrainerState",
    "TrainingArguments",
    "has_length",
    "logging",
]
