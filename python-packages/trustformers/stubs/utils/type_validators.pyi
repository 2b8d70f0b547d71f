"""Names of transformers.utils.type_validators. Written by ci/python_stubs.py."""

from trustformers.activations import ACT2FN as ACT2FN
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_vision_available as is_vision_available
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.enums import TruncationStrategy as TruncationStrategy

__all__ = [
    "ACT2FN",
    "PaddingStrategy",
    "TensorType",
    "TruncationStrategy",
    "is_torch_available",
    "is_vision_available",
]
