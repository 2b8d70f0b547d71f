"""Names of transformers.image_processing_base. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.conversions import safe_load_json_file as safe_load_json_file
from trustformers.utils.hub_files import IMAGE_PROCESSOR_NAME as IMAGE_PROCESSOR_NAME
from trustformers.utils.hub_files import PROCESSOR_NAME as PROCESSOR_NAME
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.refused import ImageProcessingMixin as ImageProcessingMixin

__all__ = [
    "IMAGE_PROCESSOR_NAME",
    "ImageProcessingMixin",
    "PROCESSOR_NAME",
    "cached_file",
    "logging",
    "safe_load_json_file",
]
