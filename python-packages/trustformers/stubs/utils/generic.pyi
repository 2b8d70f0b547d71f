"""Names of transformers.utils.generic. Written by ci/python_stubs.py."""

from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_mlx_available as is_mlx_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_fx_proxy as is_torch_fx_proxy
from trustformers.utils.conversions import ContextManagers as ContextManagers
from trustformers.utils.conversions import find_labels as find_labels
from trustformers.utils.conversions import flatten_dict as flatten_dict
from trustformers.utils.conversions import is_numpy_array as is_numpy_array
from trustformers.utils.conversions import is_tensor as is_tensor
from trustformers.utils.conversions import is_torch_device as is_torch_device
from trustformers.utils.conversions import is_torch_dtype as is_torch_dtype
from trustformers.utils.conversions import is_torch_tensor as is_torch_tensor
from trustformers.utils.conversions import safe_load_json_file as safe_load_json_file
from trustformers.utils.conversions import strtobool as strtobool
from trustformers.utils.conversions import to_numpy as to_numpy
from trustformers.utils.conversions import to_py_obj as to_py_obj
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TensorType as TensorType

__all__ = [
    "ContextManagers",
    "ExplicitEnum",
    "ModelOutput",
    "PaddingStrategy",
    "PreTrainedConfig",
    "TensorType",
    "find_labels",
    "flatten_dict",
    "is_mlx_available",
    "is_numpy_array",
    "is_tensor",
    "is_torch_available",
    "is_torch_device",
    "is_torch_dtype",
    "is_torch_fx_proxy",
    "is_torch_tensor",
    "logging",
    "safe_load_json_file",
    "strtobool",
    "to_numpy",
    "to_py_obj",
]
