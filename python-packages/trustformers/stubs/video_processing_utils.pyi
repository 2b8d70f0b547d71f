"""Names of transformers.video_processing_utils. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torchvision_v2_available as is_torchvision_v2_available
from trustformers.utils.availability import is_vision_available as is_vision_available
from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.conversions import safe_load_json_file as safe_load_json_file
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.hub_files import IMAGE_PROCESSOR_NAME as IMAGE_PROCESSOR_NAME
from trustformers.utils.hub_files import PROCESSOR_NAME as PROCESSOR_NAME
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.refused import BaseImageProcessor as BaseImageProcessor
from trustformers.utils.refused import BaseVideoProcessor as BaseVideoProcessor
from trustformers.utils.refused import custom_object_save as custom_object_save

__all__ = [
    "BaseImageProcessor",
    "BaseVideoProcessor",
    "IMAGE_PROCESSOR_NAME",
    "PROCESSOR_NAME",
    "TensorType",
    "cached_file",
    "copy_func",
    "custom_object_save",
    "is_torch_available",
    "is_torchvision_v2_available",
    "is_vision_available",
    "logging",
    "safe_load_json_file",
]
