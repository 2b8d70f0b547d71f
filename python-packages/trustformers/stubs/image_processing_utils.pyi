"""Names of transformers.image_processing_utils. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torchvision_available as is_torchvision_available
from trustformers.utils.availability import is_vision_available as is_vision_available
from trustformers.utils.refused import BaseImageProcessor as BaseImageProcessor
from trustformers.utils.refused import ImageProcessingMixin as ImageProcessingMixin

__all__ = [
    "BaseImageProcessor",
    "ImageProcessingMixin",
    "is_torchvision_available",
    "is_vision_available",
    "logging",
]
