"""Names of transformers.models.hunyuan_v1_dense.configuration_hunyuan_v1_dense. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import HunYuanDenseV1Config as HunYuanDenseV1Config

__all__ = [
    "HunYuanDenseV1Config",
    "PreTrainedConfig",
]
