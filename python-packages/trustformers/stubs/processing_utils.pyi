"""Names of transformers.processing_utils. Written by ci/python_stubs.py."""

from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.inputs import PreTokenizedInput as PreTokenizedInput
from trustformers.tokenizers.inputs import TextInput as TextInput
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_vision_available as is_vision_available
from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.enums import TruncationStrategy as TruncationStrategy
from trustformers.utils.hub_files import CHAT_TEMPLATE_DIR as CHAT_TEMPLATE_DIR
from trustformers.utils.hub_files import CHAT_TEMPLATE_FILE as CHAT_TEMPLATE_FILE
from trustformers.utils.hub_files import PROCESSOR_NAME as PROCESSOR_NAME
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.refused import ProcessorMixin as ProcessorMixin
from trustformers.utils.refused import custom_object_save as custom_object_save

__all__ = [
    "CHAT_TEMPLATE_DIR",
    "CHAT_TEMPLATE_FILE",
    "PROCESSOR_NAME",
    "PaddingStrategy",
    "PreTokenizedInput",
    "PreTrainedTokenizerBase",
    "ProcessorMixin",
    "PushToHubMixin",
    "TensorType",
    "TextInput",
    "TruncationStrategy",
    "cached_file",
    "copy_func",
    "custom_object_save",
    "is_torch_available",
    "is_vision_available",
    "logging",
]
