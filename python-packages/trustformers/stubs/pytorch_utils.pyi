"""Names of transformers.pytorch_utils. Written by ci/python_stubs.py."""

from trustformers.models.submodules import Conv1D as Conv1D
from trustformers.training.trainer_optimization import ALL_LAYERNORM_LAYERS as ALL_LAYERNORM_LAYERS
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_greater_or_equal as is_torch_greater_or_equal
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.availability import is_torchdynamo_compiling as is_torchdynamo_compiling

__all__ = [
    "ALL_LAYERNORM_LAYERS",
    "Conv1D",
    "is_torch_greater_or_equal",
    "is_torch_xla_available",
    "is_torchdynamo_compiling",
    "logging",
]
