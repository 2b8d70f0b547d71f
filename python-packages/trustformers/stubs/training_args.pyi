"""Names of transformers.training_args. Written by ci/python_stubs.py."""

from trustformers.training.accelerator import AcceleratorConfig as AcceleratorConfig
from trustformers.training.arguments import TrainingArguments as TrainingArguments
from trustformers.training.optimizer_names import OptimizerNames as OptimizerNames
from trustformers.training.process import log_levels as log_levels
from trustformers.training.process import str_to_bool as str_to_bool
from trustformers.training.process import trainer_log_levels as trainer_log_levels
from trustformers.training.strategies import HubStrategy as HubStrategy
from trustformers.training.strategies import IntervalStrategy as IntervalStrategy
from trustformers.training.strategies import ParallelMode as ParallelMode
from trustformers.training.strategies import SaveStrategy as SaveStrategy
from trustformers.training.strategies import SchedulerType as SchedulerType
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_optimum_neuron_available as is_optimum_neuron_available
from trustformers.utils.availability import is_sagemaker_dp_enabled as is_sagemaker_dp_enabled
from trustformers.utils.availability import is_sagemaker_mp_enabled as is_sagemaker_mp_enabled
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_bf16_gpu_available as is_torch_bf16_gpu_available
from trustformers.utils.availability import is_torch_cuda_available as is_torch_cuda_available
from trustformers.utils.availability import is_torch_hpu_available as is_torch_hpu_available
from trustformers.utils.availability import is_torch_mlu_available as is_torch_mlu_available
from trustformers.utils.availability import is_torch_mps_available as is_torch_mps_available
from trustformers.utils.availability import is_torch_musa_available as is_torch_musa_available
from trustformers.utils.availability import is_torch_neuron_available as is_torch_neuron_available
from trustformers.utils.availability import is_torch_neuroncore_available as is_torch_neuroncore_available
from trustformers.utils.availability import is_torch_npu_available as is_torch_npu_available
from trustformers.utils.availability import is_torch_tf32_available as is_torch_tf32_available
from trustformers.utils.availability import is_torch_tpu_available as is_torch_tpu_available
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.conversions import strtobool as strtobool
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum

__all__ = [
    "AcceleratorConfig",
    "ExplicitEnum",
    "HubStrategy",
    "IntervalStrategy",
    "OptimizerNames",
    "ParallelMode",
    "SaveStrategy",
    "SchedulerType",
    "TrainingArguments",
    "is_accelerate_available",
    "is_optimum_neuron_available",
    "is_sagemaker_dp_enabled",
    "is_sagemaker_mp_enabled",
    "is_torch_available",
    "is_torch_bf16_gpu_available",
    "is_torch_cuda_available",
    "is_torch_hpu_available",
    "is_torch_mlu_available",
    "is_torch_mps_available",
    "is_torch_musa_available",
    "is_torch_neuron_available",
    "is_torch_neuroncore_available",
    "is_torch_npu_available",
    "is_torch_tf32_available",
    "is_torch_tpu_available",
    "is_torch_xla_available",
    "is_torch_xpu_available",
    "log_levels",
    "logging",
    "requires_backends",
    "str_to_bool",
    "strtobool",
    "trainer_log_levels",
]
