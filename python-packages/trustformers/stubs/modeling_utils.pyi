"""Names of transformers.modeling_utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import CompileConfig as CompileConfig
from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.quantization_configs import QuantizationMethod as QuantizationMethod
from trustformers.peft.mixin import PeftAdapterMixin as PeftAdapterMixin
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_bitsandbytes_available as is_bitsandbytes_available
from trustformers.utils.availability import is_deepspeed_zero3_enabled as is_deepspeed_zero3_enabled
from trustformers.utils.availability import is_env_variable_true as is_env_variable_true
from trustformers.utils.availability import is_flash_attn_greater_or_equal as is_flash_attn_greater_or_equal
from trustformers.utils.availability import is_fsdp_enabled as is_fsdp_enabled
from trustformers.utils.availability import is_huggingface_hub_greater_or_equal as is_huggingface_hub_greater_or_equal
from trustformers.utils.availability import is_kernels_available as is_kernels_available
from trustformers.utils.availability import is_sagemaker_mp_enabled as is_sagemaker_mp_enabled
from trustformers.utils.availability import is_torch_cuda_available as is_torch_cuda_available
from trustformers.utils.availability import is_torch_flex_attn_available as is_torch_flex_attn_available
from trustformers.utils.availability import is_torch_npu_available as is_torch_npu_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available
from trustformers.utils.availability import is_tracing as is_tracing
from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.conversions import ContextManagers as ContextManagers
from trustformers.utils.hub_files import ADAPTER_SAFE_WEIGHTS_NAME as ADAPTER_SAFE_WEIGHTS_NAME
from trustformers.utils.hub_files import DUMMY_INPUTS as DUMMY_INPUTS
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import SAFE_WEIGHTS_INDEX_NAME as SAFE_WEIGHTS_INDEX_NAME
from trustformers.utils.hub_files import SAFE_WEIGHTS_NAME as SAFE_WEIGHTS_NAME
from trustformers.utils.hub_files import WEIGHTS_INDEX_NAME as WEIGHTS_INDEX_NAME
from trustformers.utils.hub_files import WEIGHTS_NAME as WEIGHTS_NAME
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.hub_files import get_checkpoint_shard_files as get_checkpoint_shard_files
from trustformers.utils.hub_files import has_file as has_file
from trustformers.utils.refused import AttentionInterface as AttentionInterface
from trustformers.utils.refused import custom_object_save as custom_object_save

__all__ = [
    "ADAPTER_SAFE_WEIGHTS_NAME",
    "AttentionInterface",
    "CompileConfig",
    "ContextManagers",
    "DUMMY_INPUTS",
    "GenerationConfig",
    "PeftAdapterMixin",
    "PreTrainedConfig",
    "PreTrainedModel",
    "PushToHubMixin",
    "QuantizationMethod",
    "SAFE_WEIGHTS_INDEX_NAME",
    "SAFE_WEIGHTS_NAME",
    "WEIGHTS_INDEX_NAME",
    "WEIGHTS_NAME",
    "cached_file",
    "copy_func",
    "custom_object_save",
    "get_checkpoint_shard_files",
    "has_file",
    "is_accelerate_available",
    "is_bitsandbytes_available",
    "is_deepspeed_zero3_enabled",
    "is_env_variable_true",
    "is_flash_attn_greater_or_equal",
    "is_fsdp_enabled",
    "is_huggingface_hub_greater_or_equal",
    "is_kernels_available",
    "is_sagemaker_mp_enabled",
    "is_torch_cuda_available",
    "is_torch_flex_attn_available",
    "is_torch_npu_available",
    "is_torch_xpu_available",
    "is_tracing",
    "logging",
]
