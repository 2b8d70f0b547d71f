"""Names of transformers.models.auto.configuration_auto. Written by ci/python_stubs.py."""

from trustformers.models.auto_config import AutoConfig as AutoConfig
from trustformers.models.mappings import CONFIG_MAPPING as CONFIG_MAPPING
from trustformers.models.mappings import CONFIG_MAPPING_NAMES as CONFIG_MAPPING_NAMES
from trustformers.models.mappings import config_class_to_model_type as config_class_to_model_type
from trustformers.models.mappings import model_type_to_module_name as model_type_to_module_name

__all__ = [
    "AutoConfig",
    "CONFIG_MAPPING",
    "CONFIG_MAPPING_NAMES",
    "config_class_to_model_type",
    "model_type_to_module_name",
]
