"""Names of transformers.masking_utils. Written by ci/python_stubs.py."""

from trustformers.models.cache import Cache as Cache
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_flex_attn_available as is_torch_flex_attn_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available
from trustformers.utils.availability import is_torchdynamo_exporting as is_torchdynamo_exporting
from trustformers.utils.availability import is_tracing as is_tracing
from trustformers.utils.refused import AttentionMaskInterface as AttentionMaskInterface

__all__ = [
    "AttentionMaskInterface",
    "Cache",
    "PreTrainedConfig",
    "is_torch_flex_attn_available",
    "is_torch_xpu_available",
    "is_torchdynamo_exporting",
    "is_tracing",
    "logging",
]
