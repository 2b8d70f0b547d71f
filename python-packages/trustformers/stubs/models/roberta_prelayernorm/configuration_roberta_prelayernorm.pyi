"""Names of transformers.models.roberta_prelayernorm.configuration_roberta_prelayernorm. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.families import RobertaPreLayerNormConfig as RobertaPreLayerNormConfig

__all__ = [
    "PreTrainedConfig",
    "RobertaPreLayerNormConfig",
]
