"""Names of transformers.trainer_pt_utils. Written by ci/python_stubs.py."""

from trustformers.training.accelerator import AcceleratorConfig as AcceleratorConfig
from trustformers.training.evaluation import EvalLoopContainer as EvalLoopContainer
from trustformers.training.evaluation import LabelSmoother as LabelSmoother
from trustformers.training.evaluation import atleast_1d as atleast_1d
from trustformers.training.evaluation import expand_like as expand_like
from trustformers.training.evaluation import find_batch_size as find_batch_size
from trustformers.training.evaluation import nested_concat as nested_concat
from trustformers.training.evaluation import nested_detach as nested_detach
from trustformers.training.evaluation import nested_gather as nested_gather
from trustformers.training.evaluation import nested_new_like as nested_new_like
from trustformers.training.evaluation import nested_numpify as nested_numpify
from trustformers.training.evaluation import nested_truncate as nested_truncate
from trustformers.training.evaluation import numpy_pad_and_concatenate as numpy_pad_and_concatenate
from trustformers.training.evaluation import torch_pad_and_concatenate as torch_pad_and_concatenate
from trustformers.training.loops import get_parameter_names as get_parameter_names
from trustformers.training.samplers import LengthGroupedSampler as LengthGroupedSampler
from trustformers.training.samplers import get_dataloader_sampler as get_dataloader_sampler
from trustformers.training.samplers import get_length_grouped_indices as get_length_grouped_indices
from trustformers.training.trainer_metrics import log_metrics as log_metrics
from trustformers.training.trainer_metrics import metrics_format as metrics_format
from trustformers.training.trainer_metrics import save_metrics as save_metrics
from trustformers.training.trainer_metrics import save_state as save_state
from trustformers.training.trainer_optimization import get_learning_rates as get_learning_rates
from trustformers.training.trainer_optimization import get_model_param_count as get_model_param_count
from trustformers.training.trainer_optimization import get_num_trainable_parameters as get_num_trainable_parameters
from trustformers.training.trainer_optimization import get_optimizer_group as get_optimizer_group
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_deepspeed_zero3_enabled as is_deepspeed_zero3_enabled
from trustformers.utils.availability import is_sagemaker_mp_enabled as is_sagemaker_mp_enabled
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.availability import is_training_run_on_sagemaker as is_training_run_on_sagemaker

__all__ = [
    "AcceleratorConfig",
    "EvalLoopContainer",
    "LabelSmoother",
    "LengthGroupedSampler",
    "atleast_1d",
    "expand_like",
    "find_batch_size",
    "get_dataloader_sampler",
    "get_learning_rates",
    "get_length_grouped_indices",
    "get_model_param_count",
    "get_num_trainable_parameters",
    "get_optimizer_group",
    "get_parameter_names",
    "is_deepspeed_zero3_enabled",
    "is_sagemaker_mp_enabled",
    "is_torch_available",
    "is_torch_xla_available",
    "is_training_run_on_sagemaker",
    "log_metrics",
    "logging",
    "metrics_format",
    "nested_concat",
    "nested_detach",
    "nested_gather",
    "nested_new_like",
    "nested_numpify",
    "nested_truncate",
    "numpy_pad_and_concatenate",
    "save_metrics",
    "save_state",
    "torch_pad_and_concatenate",
]
