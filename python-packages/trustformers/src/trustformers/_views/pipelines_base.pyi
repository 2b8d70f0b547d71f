"""Names of transformers.pipelines.base. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.models.auto_config import AutoConfig as AutoConfig
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.pipelines.tasks import get_default_model_and_revision as get_default_model_and_revision
from trustformers.tokenizers.auto import AutoTokenizer as AutoTokenizer
from trustformers.tokenizers.python_backend import PreTrainedTokenizer as PreTrainedTokenizer
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_cuda_available as is_torch_cuda_available
from trustformers.utils.availability import is_torch_hpu_available as is_torch_hpu_available
from trustformers.utils.availability import is_torch_mlu_available as is_torch_mlu_available
from trustformers.utils.availability import is_torch_mps_available as is_torch_mps_available
from trustformers.utils.availability import is_torch_musa_available as is_torch_musa_available
from trustformers.utils.availability import is_torch_npu_available as is_torch_npu_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available
from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.refused import BaseImageProcessor as BaseImageProcessor
from trustformers.utils.refused import BaseVideoProcessor as BaseVideoProcessor
from trustformers.utils.refused import ProcessorMixin as ProcessorMixin
from trustformers.utils.refused import custom_object_save as custom_object_save

__all__ = [
    "AutoConfig",
    "AutoTokenizer",
    "BaseImageProcessor",
    "BaseVideoProcessor",
    "GenerationConfig",
    "ModelOutput",
    "PreTrainedModel",
    "PreTrainedTokenizer",
    "ProcessorMixin",
    "PushToHubMixin",
    "add_end_docstrings",
    "copy_func",
    "custom_object_save",
    "get_default_model_and_revision",
    "is_torch_available",
    "is_torch_cuda_available",
    "is_torch_hpu_available",
    "is_torch_mlu_available",
    "is_torch_mps_available",
    "is_torch_musa_available",
    "is_torch_npu_available",
    "is_torch_xpu_available",
]
