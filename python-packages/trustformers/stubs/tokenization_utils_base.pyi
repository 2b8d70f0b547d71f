"""Names of transformers.tokenization_utils_base. Written by ci/python_stubs.py."""

from trustformers.tokenizers.base import PreTrainedTokenizerBase as PreTrainedTokenizerBase
from trustformers.tokenizers.batch_encoding import BatchEncoding as BatchEncoding
from trustformers.tokenizers.batch_encoding import CharSpan as CharSpan
from trustformers.tokenizers.batch_encoding import TokenSpan as TokenSpan
from trustformers.tokenizers.inputs import EncodedInput as EncodedInput
from trustformers.tokenizers.inputs import EncodedInputPair as EncodedInputPair
from trustformers.tokenizers.inputs import LARGE_INTEGER as LARGE_INTEGER
from trustformers.tokenizers.inputs import PreTokenizedInput as PreTokenizedInput
from trustformers.tokenizers.inputs import PreTokenizedInputPair as PreTokenizedInputPair
from trustformers.tokenizers.inputs import TextInput as TextInput
from trustformers.tokenizers.inputs import TextInputPair as TextInputPair
from trustformers.tokenizers.inputs import VERY_LARGE_INTEGER as VERY_LARGE_INTEGER
from trustformers.tokenizers.special_tokens import AddedToken as AddedToken
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_mlx_available as is_mlx_available
from trustformers.utils.availability import is_protobuf_available as is_protobuf_available
from trustformers.utils.availability import is_tokenizers_available as is_tokenizers_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.conversions import is_numpy_array as is_numpy_array
from trustformers.utils.conversions import is_torch_device as is_torch_device
from trustformers.utils.conversions import is_torch_tensor as is_torch_tensor
from trustformers.utils.conversions import to_py_obj as to_py_obj
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.enums import TruncationStrategy as TruncationStrategy
from trustformers.utils.hub_files import ADDED_TOKENS_FILE as ADDED_TOKENS_FILE
from trustformers.utils.hub_files import CHAT_TEMPLATE_DIR as CHAT_TEMPLATE_DIR
from trustformers.utils.hub_files import CHAT_TEMPLATE_FILE as CHAT_TEMPLATE_FILE
from trustformers.utils.hub_files import FULL_TOKENIZER_FILE as FULL_TOKENIZER_FILE
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import SPECIAL_TOKENS_MAP_FILE as SPECIAL_TOKENS_MAP_FILE
from trustformers.utils.hub_files import TOKENIZER_CONFIG_FILE as TOKENIZER_CONFIG_FILE
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.refused import custom_object_save as custom_object_save

__all__ = [
    "ADDED_TOKENS_FILE",
    "AddedToken",
    "BatchEncoding",
    "CHAT_TEMPLATE_DIR",
    "CHAT_TEMPLATE_FILE",
    "CharSpan",
    "EncodedInput",
    "EncodedInputPair",
    "ExplicitEnum",
    "FULL_TOKENIZER_FILE",
    "LARGE_INTEGER",
    "PaddingStrategy",
    "PreTokenizedInput",
    "PreTokenizedInputPair",
    "PreTrainedTokenizerBase",
    "PushToHubMixin",
    "SPECIAL_TOKENS_MAP_FILE",
    "TOKENIZER_CONFIG_FILE",
    "TensorType",
    "TextInput",
    "TextInputPair",
    "TokenSpan",
    "TruncationStrategy",
    "VERY_LARGE_INTEGER",
    "add_end_docstrings",
    "cached_file",
    "copy_func",
    "custom_object_save",
    "is_mlx_available",
    "is_numpy_array",
    "is_protobuf_available",
    "is_tokenizers_available",
    "is_torch_available",
    "is_torch_device",
    "is_torch_tensor",
    "logging",
    "requires_backends",
    "to_py_obj",
]
