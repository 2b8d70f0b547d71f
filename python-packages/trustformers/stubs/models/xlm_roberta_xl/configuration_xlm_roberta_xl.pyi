"""Names of transformers.models.xlm_roberta_xl.configuration_xlm_roberta_xl. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import XLMRobertaXLConfig as XLMRobertaXLConfig

__all__ = [
    "PreTrainedConfig",
    "XLMRobertaXLConfig",
]
