"""Names of transformers.models.auto.auto_mappings. Written by ci/python_stubs.py."""

from trustformers.models.mappings import CONFIG_MAPPING_NAMES as CONFIG_MAPPING_NAMES

__all__ = [
    "CONFIG_MAPPING_NAMES",
]
