"""Names of transformers.integrations.peft. Written by ci/python_stubs.py."""

from trustformers.peft.mixin import PeftAdapterMixin as PeftAdapterMixin
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_peft_available as is_peft_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.hub_files import CONFIG_NAME as CONFIG_NAME
from trustformers.utils.hub_files import find_adapter_config_file as find_adapter_config_file

__all__ = [
    "CONFIG_NAME",
    "PeftAdapterMixin",
    "find_adapter_config_file",
    "is_accelerate_available",
    "is_peft_available",
    "is_torch_available",
    "logging",
]
