"""Names of transformers.trainer_pt_utils. Written by ci/python_stubs.py."""

from trustformers.training.accelerator import AcceleratorConfig as AcceleratorConfig
from trustformers.training.loops import get_parameter_names as get_parameter_names
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_deepspeed_zero3_enabled as is_deepspeed_zero3_enabled
from trustformers.utils.availability import is_sagemaker_mp_enabled as is_sagemaker_mp_enabled
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.availability import is_training_run_on_sagemaker as is_training_run_on_sagemaker

__all__ = [
    "AcceleratorConfig",
    "get_parameter_names",
    "is_deepspeed_zero3_enabled",
    "is_sagemaker_mp_enabled",
    "is_torch_available",
    "is_torch_xla_available",
    "is_training_run_on_sagemaker",
    "logging",
]
