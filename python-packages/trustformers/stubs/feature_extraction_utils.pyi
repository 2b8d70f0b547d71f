"""Names of transformers.feature_extraction_utils. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.conversions import is_numpy_array as is_numpy_array
from trustformers.utils.conversions import is_torch_device as is_torch_device
from trustformers.utils.conversions import is_torch_dtype as is_torch_dtype
from trustformers.utils.conversions import safe_load_json_file as safe_load_json_file
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.hub_files import FEATURE_EXTRACTOR_NAME as FEATURE_EXTRACTOR_NAME
from trustformers.utils.hub_files import PROCESSOR_NAME as PROCESSOR_NAME
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.refused import FeatureExtractionMixin as FeatureExtractionMixin
from trustformers.utils.refused import custom_object_save as custom_object_save

__all__ = [
    "FEATURE_EXTRACTOR_NAME",
    "FeatureExtractionMixin",
    "PROCESSOR_NAME",
    "PushToHubMixin",
    "TensorType",
    "cached_file",
    "copy_func",
    "custom_object_save",
    "is_numpy_array",
    "is_torch_available",
    "is_torch_device",
    "is_torch_dtype",
    "logging",
    "requires_backends",
    "safe_load_json_file",
]
