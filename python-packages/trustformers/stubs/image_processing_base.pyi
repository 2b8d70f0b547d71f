"""Names of transformers.image_processing_base. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.conversions import safe_load_json_file as safe_load_json_file
from trustformers.utils.hub_files import IMAGE_PROCESSOR_NAME as IMAGE_PROCESSOR_NAME
from trustformers.utils.hub_files import PROCESSOR_NAME as PROCESSOR_NAME
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.refused import ImageProcessingMixin as ImageProcessingMixin
from trustformers.utils.refused import custom_object_save as custom_object_save

__all__ = [
    "IMAGE_PROCESSOR_NAME",
    "ImageProcessingMixin",
    "PROCESSOR_NAME",
    "PushToHubMixin",
    "cached_file",
    "copy_func",
    "custom_object_save",
    "logging",
    "safe_load_json_file",
]
