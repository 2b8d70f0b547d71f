"""Names of transformers.trainer_seq2seq. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.collators import DataCollator as DataCollator
from trustformers.training.arguments import TrainingArguments as TrainingArguments
from trustformers.training.callbacks import TrainerCallback as TrainerCallback
from trustformers.training.results import EvalPrediction as EvalPrediction
from trustformers.training.results import PredictionOutput as PredictionOutput
from trustformers.training.trainer import Trainer as Trainer
from trustformers.training.trainer_seq2seq import Seq2SeqTrainer as Seq2SeqTrainer
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_datasets_available as is_datasets_available
from trustformers.utils.availability import is_deepspeed_zero3_enabled as is_deepspeed_zero3_enabled
from trustformers.utils.availability import is_fsdp_managed_module as is_fsdp_managed_module
from trustformers.utils.refused import BaseImageProcessor as BaseImageProcessor
from trustformers.utils.refused import FeatureExtractionMixin as FeatureExtractionMixin
from trustformers.utils.refused import ProcessorMixin as ProcessorMixin

__all__ = [
    "BaseImageProcessor",
    "DataCollator",
    "EvalPrediction",
    "FeatureExtractionMixin",
    "GenerationConfig",
    "PreTrainedModel",
    "PreTrainedTokenizerBase",
    "PredictionOutput",
    "ProcessorMixin",
    "Seq2SeqTrainer",
    "Trainer",
    "TrainerCallback",
    "TrainingArguments",
    "is_datasets_available",
    "is_deepspeed_zero3_enabled",
    "is_fsdp_managed_module",
    "logging",
]
