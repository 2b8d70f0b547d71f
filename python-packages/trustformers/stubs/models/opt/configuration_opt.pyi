"""Names of transformers.models.opt.configuration_opt. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import OPTConfig as OPTConfig

__all__ = [
    "OPTConfig",
    "PreTrainedConfig",
]
