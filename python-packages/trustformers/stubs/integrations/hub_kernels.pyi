"""Names of transformers.integrations.hub_kernels. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.configuration import PretrainedConfig as PretrainedConfig
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_kernels_available as is_kernels_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torchdynamo_compiling as is_torchdynamo_compiling
from trustformers.utils.availability import is_torchdynamo_exporting as is_torchdynamo_exporting

__all__ = [
    "PreTrainedModel",
    "PretrainedConfig",
    "is_kernels_available",
    "is_torch_available",
    "is_torchdynamo_compiling",
    "is_torchdynamo_exporting",
    "logging",
]
