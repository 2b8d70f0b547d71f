"""Names of transformers.file_utils. Written by ci/python_stubs.py."""

from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.utils.availability import get_torch_version as get_torch_version
from trustformers.utils.availability import is_apex_available as is_apex_available
from trustformers.utils.availability import is_bs4_available as is_bs4_available
from trustformers.utils.availability import is_coloredlogs_available as is_coloredlogs_available
from trustformers.utils.availability import is_datasets_available as is_datasets_available
from trustformers.utils.availability import is_detectron2_available as is_detectron2_available
from trustformers.utils.availability import is_faiss_available as is_faiss_available
from trustformers.utils.availability import is_flax_available as is_flax_available
from trustformers.utils.availability import is_g2p_en_available as is_g2p_en_available
from trustformers.utils.availability import is_in_notebook as is_in_notebook
from trustformers.utils.availability import is_librosa_available as is_librosa_available
from trustformers.utils.availability import is_onnx_available as is_onnx_available
from trustformers.utils.availability import is_pandas_available as is_pandas_available
from trustformers.utils.availability import is_phonemizer_available as is_phonemizer_available
from trustformers.utils.availability import is_protobuf_available as is_protobuf_available
from trustformers.utils.availability import is_psutil_available as is_psutil_available
from trustformers.utils.availability import is_py3nvml_available as is_py3nvml_available
from trustformers.utils.availability import is_pyctcdecode_available as is_pyctcdecode_available
from trustformers.utils.availability import is_pytesseract_available as is_pytesseract_available
from trustformers.utils.availability import is_pytorch_quantization_available as is_pytorch_quantization_available
from trustformers.utils.availability import is_rjieba_available as is_rjieba_available
from trustformers.utils.availability import is_safetensors_available as is_safetensors_available
from trustformers.utils.availability import is_sagemaker_dp_enabled as is_sagemaker_dp_enabled
from trustformers.utils.availability import is_sagemaker_mp_enabled as is_sagemaker_mp_enabled
from trustformers.utils.availability import is_scipy_available as is_scipy_available
from trustformers.utils.availability import is_sentencepiece_available as is_sentencepiece_available
from trustformers.utils.availability import is_seqio_available as is_seqio_available
from trustformers.utils.availability import is_sklearn_available as is_sklearn_available
from trustformers.utils.availability import is_soundfile_available as is_soundfile_available
from trustformers.utils.availability import is_spacy_available as is_spacy_available
from trustformers.utils.availability import is_speech_available as is_speech_available
from trustformers.utils.availability import is_tf_available as is_tf_available
from trustformers.utils.availability import is_timm_available as is_timm_available
from trustformers.utils.availability import is_tokenizers_available as is_tokenizers_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_cuda_available as is_torch_cuda_available
from trustformers.utils.availability import is_torch_fx_proxy as is_torch_fx_proxy
from trustformers.utils.availability import is_torch_mps_available as is_torch_mps_available
from trustformers.utils.availability import is_torch_tf32_available as is_torch_tf32_available
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.availability import is_torchaudio_available as is_torchaudio_available
from trustformers.utils.availability import is_training_run_on_sagemaker as is_training_run_on_sagemaker
from trustformers.utils.availability import is_vision_available as is_vision_available
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.conversions import ContextManagers as ContextManagers
from trustformers.utils.conversions import is_tensor as is_tensor
from trustformers.utils.conversions import to_numpy as to_numpy
from trustformers.utils.conversions import to_py_obj as to_py_obj
from trustformers.utils.docstrings import add_code_sample_docstrings as add_code_sample_docstrings
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.docstrings import add_start_docstrings as add_start_docstrings
from trustformers.utils.docstrings import add_start_docstrings_to_model_forward as add_start_docstrings_to_model_forward
from trustformers.utils.docstrings import replace_return_docstrings as replace_return_docstrings
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.hub_files import CONFIG_NAME as CONFIG_NAME
from trustformers.utils.hub_files import DUMMY_INPUTS as DUMMY_INPUTS
from trustformers.utils.hub_files import DUMMY_MASK as DUMMY_MASK
from trustformers.utils.hub_files import FEATURE_EXTRACTOR_NAME as FEATURE_EXTRACTOR_NAME
from trustformers.utils.hub_files import MODEL_CARD_NAME as MODEL_CARD_NAME
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import SENTENCEPIECE_UNDERLINE as SENTENCEPIECE_UNDERLINE
from trustformers.utils.hub_files import SPIECE_UNDERLINE as SPIECE_UNDERLINE
from trustformers.utils.hub_files import WEIGHTS_INDEX_NAME as WEIGHTS_INDEX_NAME
from trustformers.utils.hub_files import WEIGHTS_NAME as WEIGHTS_NAME
from trustformers.utils.hub_files import has_file as has_file
from trustformers.utils.hub_files import http_user_agent as http_user_agent
from trustformers.utils.hub_files import is_offline_mode as is_offline_mode
from trustformers.utils.requirements import send_example_telemetry as send_example_telemetry

__all__ = [
    "CONFIG_NAME",
    "ContextManagers",
    "DUMMY_INPUTS",
    "DUMMY_MASK",
    "ExplicitEnum",
    "FEATURE_EXTRACTOR_NAME",
    "MODEL_CARD_NAME",
    "ModelOutput",
    "PaddingStrategy",
    "PushToHubMixin",
    "SENTENCEPIECE_UNDERLINE",
    "SPIECE_UNDERLINE",
    "TensorType",
    "WEIGHTS_INDEX_NAME",
    "WEIGHTS_NAME",
    "add_code_sample_docstrings",
    "add_end_docstrings",
    "add_start_docstrings",
    "add_start_docstrings_to_model_forward",
    "copy_func",
    "get_torch_version",
    "has_file",
    "http_user_agent",
    "is_apex_available",
    "is_bs4_available",
    "is_coloredlogs_available",
    "is_datasets_available",
    "is_detectron2_available",
    "is_faiss_available",
    "is_flax_available",
    "is_g2p_en_available",
    "is_in_notebook",
    "is_librosa_available",
    "is_offline_mode",
    "is_onnx_available",
    "is_pandas_available",
    "is_phonemizer_available",
    "is_protobuf_available",
    "is_psutil_available",
    "is_py3nvml_available",
    "is_pyctcdecode_available",
    "is_pytesseract_available",
    "is_pytorch_quantization_available",
    "is_rjieba_available",
    "is_safetensors_available",
    "is_sagemaker_dp_enabled",
    "is_sagemaker_mp_enabled",
    "is_scipy_available",
    "is_sentencepiece_available",
    "is_seqio_available",
    "is_sklearn_available",
    "is_soundfile_available",
    "is_spacy_available",
    "is_speech_available",
    "is_tensor",
    "is_tf_available",
    "is_timm_available",
    "is_tokenizers_available",
    "is_torch_available",
    "is_torch_cuda_available",
    "is_torch_fx_proxy",
    "is_torch_mps_available",
    "is_torch_tf32_available",
    "is_torch_xla_available",
    "is_torchaudio_available",
    "is_training_run_on_sagemaker",
    "is_vision_available",
    "replace_return_docstrings",
    "requires_backends",
    "send_example_telemetry",
    "to_numpy",
    "to_py_obj",
]
