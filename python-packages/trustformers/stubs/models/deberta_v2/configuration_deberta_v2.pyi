"""Names of transformers.models.deberta_v2.configuration_deberta_v2. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import DebertaV2Config as DebertaV2Config

__all__ = [
    "DebertaV2Config",
    "PreTrainedConfig",
]
