"""Names of transformers.trainer_callback. Written by ci/python_stubs.py."""

from trustformers.training.arguments import TrainingArguments as TrainingArguments
from trustformers.training.callbacks import CallbackHandler as CallbackHandler
from trustformers.training.callbacks import DefaultFlowCallback as DefaultFlowCallback
from trustformers.training.callbacks import TrainerCallback as TrainerCallback
from trustformers.training.early_stopping import EarlyStoppingCallback as EarlyStoppingCallback
from trustformers.training.loops import has_length as has_length
from trustformers.training.progress import PrinterCallback as PrinterCallback
from trustformers.training.progress import ProgressCallback as ProgressCallback
from trustformers.training.state import ExportableState as ExportableState
from trustformers.training.state import TrainerControl as TrainerControl
from trustformers.training.state import TrainerState as TrainerState
from trustformers.training.strategies import IntervalStrategy as IntervalStrategy
from trustformers.training.strategies import SaveStrategy as SaveStrategy
from trustformers.utils import logging as logging

__all__ = [
    "CallbackHandler",
    "DefaultFlowCallback",
    "EarlyStoppingCallback",
    "ExportableState",
    "IntervalStrategy",
    "PrinterCallback",
    "ProgressCallback",
    "SaveStrategy",
    "TrainerCallback",
    "TrainerControl",
    "TrainerState",
    "TrainingArguments",
    "has_length",
    "logging",
]
