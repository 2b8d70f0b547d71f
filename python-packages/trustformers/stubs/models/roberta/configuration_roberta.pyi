"""Names of transformers.models.roberta.configuration_roberta. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import RobertaConfig as RobertaConfig

__all__ = [
    "PreTrainedConfig",
    "RobertaConfig",
]
