"""Names of transformers.models.xlm_roberta.configuration_xlm_roberta. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import XLMRobertaConfig as XLMRobertaConfig

__all__ = [
    "PreTrainedConfig",
    "XLMRobertaConfig",
]
