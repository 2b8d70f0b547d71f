"""Names of transformers.models.prophetnet.configuration_prophetnet. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils.other_families import ProphetNetConfig as ProphetNetConfig

__all__ = [
    "PreTrainedConfig",
    "ProphetNetConfig",
]
