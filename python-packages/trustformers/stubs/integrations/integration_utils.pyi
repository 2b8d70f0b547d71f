"""Names of transformers.integrations.integration_utils. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.training.arguments import TrainingArguments as TrainingArguments
from trustformers.training.callbacks import TrainerCallback as TrainerCallback
from trustformers.training.checkpoints import PREFIX_CHECKPOINT_DIR as PREFIX_CHECKPOINT_DIR
from trustformers.training.integrations import INTEGRATION_TO_CALLBACK as INTEGRATION_TO_CALLBACK
from trustformers.training.integrations import TensorBoardCallback as TensorBoardCallback
from trustformers.training.integrations import get_reporting_integration_callbacks as get_reporting_integration_callbacks
from trustformers.training.integrations import rewrite_logs as rewrite_logs
from trustformers.training.loops import default_logdir as default_logdir
from trustformers.training.loops import get_available_reporting_integrations as get_available_reporting_integrations
from trustformers.training.progress import ProgressCallback as ProgressCallback
from trustformers.training.results import BestRun as BestRun
from trustformers.training.strategies import IntervalStrategy as IntervalStrategy
from trustformers.training.strategies import ParallelMode as ParallelMode
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_azureml_available as is_azureml_available
from trustformers.utils.availability import is_clearml_available as is_clearml_available
from trustformers.utils.availability import is_codecarbon_available as is_codecarbon_available
from trustformers.utils.availability import is_comet_available as is_comet_available
from trustformers.utils.availability import is_dagshub_available as is_dagshub_available
from trustformers.utils.availability import is_datasets_available as is_datasets_available
from trustformers.utils.availability import is_dvclive_available as is_dvclive_available
from trustformers.utils.availability import is_flyte_deck_standard_available as is_flyte_deck_standard_available
from trustformers.utils.availability import is_flytekit_available as is_flytekit_available
from trustformers.utils.availability import is_mlflow_available as is_mlflow_available
from trustformers.utils.availability import is_neptune_available as is_neptune_available
from trustformers.utils.availability import is_optuna_available as is_optuna_available
from trustformers.utils.availability import is_pandas_available as is_pandas_available
from trustformers.utils.availability import is_ray_available as is_ray_available
from trustformers.utils.availability import is_ray_tune_available as is_ray_tune_available
from trustformers.utils.availability import is_swanlab_available as is_swanlab_available
from trustformers.utils.availability import is_tensorboard_available as is_tensorboard_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.availability import is_trackio_available as is_trackio_available
from trustformers.utils.availability import is_wandb_available as is_wandb_available
from trustformers.utils.conversions import flatten_dict as flatten_dict
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.refused import CodeCarbonCallback as CodeCarbonCallback
from trustformers.utils.refused import TrackioCallback as TrackioCallback
from trustformers.utils.refused import WandbCallback as WandbCallback

__all__ = [
    "BestRun",
    "CodeCarbonCallback",
    "INTEGRATION_TO_CALLBACK",
    "IntervalStrategy",
    "PREFIX_CHECKPOINT_DIR",
    "ParallelMode",
    "PreTrainedModel",
    "ProgressCallback",
    "PushToHubMixin",
    "TensorBoardCallback",
    "TrackioCallback",
    "TrainerCallback",
    "TrainingArguments",
    "WandbCallback",
    "default_logdir",
    "flatten_dict",
    "get_available_reporting_integrations",
    "get_reporting_integration_callbacks",
    "is_azureml_available",
    "is_clearml_available",
    "is_codecarbon_available",
    "is_comet_available",
    "is_dagshub_available",
    "is_datasets_available",
    "is_dvclive_available",
    "is_flyte_deck_standard_available",
    "is_flytekit_available",
    "is_mlflow_available",
    "is_neptune_available",
    "is_optuna_available",
    "is_pandas_available",
    "is_ray_available",
    "is_ray_tune_available",
    "is_swanlab_available",
    "is_tensorboard_available",
    "is_torch_available",
    "is_torch_xla_available",
    "is_trackio_available",
    "is_wandb_available",
    "logging",
    "rewrite_logs",
]
