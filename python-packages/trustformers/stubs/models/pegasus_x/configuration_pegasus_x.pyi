"""Names of transformers.models.pegasus_x.configuration_pegasus_x. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.utils.other_families import PegasusXConfig as PegasusXConfig

__all__ = [
    "PegasusXConfig",
    "PreTrainedConfig",
]
