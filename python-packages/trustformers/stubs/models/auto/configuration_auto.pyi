"""Names of transformers.models.auto.configuration_auto. Written by ci/python_stubs.py."""

from trustformers.models.auto_config import AutoConfig as AutoConfig
from trustformers.models.mappings import CONFIG_MAPPING as CONFIG_MAPPING
from trustformers.models.mappings import CONFIG_MAPPING_NAMES as CONFIG_MAPPING_NAMES

__all__ = [
    "AutoConfig",
    "CONFIG_MAPPING",
    "CONFIG_MAPPING_NAMES",
]
