"""Names of transformers.utils.peft_utils. Written by ci/python_stubs.py."""

from trustformers.utils.availability import is_peft_available as is_peft_available
from trustformers.utils.hub_files import ADAPTER_CONFIG_NAME as ADAPTER_CONFIG_NAME
from trustformers.utils.hub_files import ADAPTER_SAFE_WEIGHTS_NAME as ADAPTER_SAFE_WEIGHTS_NAME
from trustformers.utils.hub_files import ADAPTER_WEIGHTS_NAME as ADAPTER_WEIGHTS_NAME
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.hub_files import find_adapter_config_file as find_adapter_config_file

__all__ = [
    "ADAPTER_CONFIG_NAME",
    "ADAPTER_SAFE_WEIGHTS_NAME",
    "ADAPTER_WEIGHTS_NAME",
    "cached_file",
    "find_adapter_config_file",
    "is_peft_available",
]
