"""Names of transformers.integrations. Written by ci/python_stubs.py."""

from trustformers.peft.mixin import PeftAdapterMixin as PeftAdapterMixin
from trustformers.training.integrations import INTEGRATION_TO_CALLBACK as INTEGRATION_TO_CALLBACK
from trustformers.training.integrations import TensorBoardCallback as TensorBoardCallback
from trustformers.training.integrations import get_reporting_integration_callbacks as get_reporting_integration_callbacks
from trustformers.training.integrations import rewrite_logs as rewrite_logs
from trustformers.training.loops import get_available_reporting_integrations as get_available_reporting_integrations
from trustformers.utils.availability import is_azureml_available as is_azureml_available
from trustformers.utils.availability import is_clearml_available as is_clearml_available
from trustformers.utils.availability import is_codecarbon_available as is_codecarbon_available
from trustformers.utils.availability import is_comet_available as is_comet_available
from trustformers.utils.availability import is_dagshub_available as is_dagshub_available
from trustformers.utils.availability import is_deepspeed_available as is_deepspeed_available
from trustformers.utils.availability import is_deepspeed_zero3_enabled as is_deepspeed_zero3_enabled
from trustformers.utils.availability import is_dvclive_available as is_dvclive_available
from trustformers.utils.availability import is_flyte_deck_standard_available as is_flyte_deck_standard_available
from trustformers.utils.availability import is_flytekit_available as is_flytekit_available
from trustformers.utils.availability import is_fsdp_enabled as is_fsdp_enabled
from trustformers.utils.availability import is_fsdp_managed_module as is_fsdp_managed_module
from trustformers.utils.availability import is_mlflow_available as is_mlflow_available
from trustformers.utils.availability import is_neptune_available as is_neptune_available
from trustformers.utils.availability import is_optuna_available as is_optuna_available
from trustformers.utils.availability import is_ray_available as is_ray_available
from trustformers.utils.availability import is_ray_tune_available as is_ray_tune_available
from trustformers.utils.availability import is_swanlab_available as is_swanlab_available
from trustformers.utils.availability import is_tensorboard_available as is_tensorboard_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_trackio_available as is_trackio_available
from trustformers.utils.availability import is_wandb_available as is_wandb_available
from trustformers.utils.refused import CodeCarbonCallback as CodeCarbonCallback
from trustformers.utils.refused import HfDeepSpeedConfig as HfDeepSpeedConfig
from trustformers.utils.refused import TrackioCallback as TrackioCallback
from trustformers.utils.refused import WandbCallback as WandbCallback

__all__ = [
    "CodeCarbonCallback",
    "HfDeepSpeedConfig",
    "INTEGRATION_TO_CALLBACK",
    "PeftAdapterMixin",
    "TensorBoardCallback",
    "TrackioCallback",
    "WandbCallback",
    "get_available_reporting_integrations",
    "get_reporting_integration_callbacks",
    "is_azureml_available",
    "is_clearml_available",
    "is_codecarbon_available",
    "is_comet_available",
    "is_dagshub_available",
    "is_deepspeed_available",
    "is_deepspeed_zero3_enabled",
    "is_dvclive_available",
    "is_flyte_deck_standard_available",
    "is_flytekit_available",
    "is_fsdp_enabled",
    "is_fsdp_managed_module",
    "is_mlflow_available",
    "is_neptune_available",
    "is_optuna_available",
    "is_ray_available",
    "is_ray_tune_available",
    "is_swanlab_available",
    "is_tensorboard_available",
    "is_torch_available",
    "is_trackio_available",
    "is_wandb_available",
    "rewrite_logs",
]
