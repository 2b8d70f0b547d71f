"""Names of transformers.integrations.deepspeed. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_deepspeed_available as is_deepspeed_available
from trustformers.utils.availability import is_deepspeed_zero3_enabled as is_deepspeed_zero3_enabled
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.refused import HfDeepSpeedConfig as HfDeepSpeedConfig
from trustformers.utils.requirements import dep_version_check as dep_version_check

__all__ = [
    "HfDeepSpeedConfig",
    "dep_version_check",
    "is_accelerate_available",
    "is_deepspeed_available",
    "is_deepspeed_zero3_enabled",
    "is_torch_available",
    "logging",
]
