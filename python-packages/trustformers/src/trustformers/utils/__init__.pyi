"""Names of trustformers.utils. Written by ci/python_stubs.py."""

from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.tokenizers.tool_schemas import get_json_schema as get_json_schema
from trustformers.utils.availability import get_torch_version as get_torch_version
from trustformers.utils.availability import is_accelerate_available as is_accelerate_available
from trustformers.utils.availability import is_apex_available as is_apex_available
from trustformers.utils.availability import is_apollo_torch_available as is_apollo_torch_available
from trustformers.utils.availability import is_aqlm_available as is_aqlm_available
from trustformers.utils.availability import is_audio_available as is_audio_available
from trustformers.utils.availability import is_auto_round_available as is_auto_round_available
from trustformers.utils.availability import is_av_available as is_av_available
from trustformers.utils.availability import is_bitsandbytes_available as is_bitsandbytes_available
from trustformers.utils.availability import is_bs4_available as is_bs4_available
from trustformers.utils.availability import is_causal_conv1d_available as is_causal_conv1d_available
from trustformers.utils.availability import is_coloredlogs_available as is_coloredlogs_available
from trustformers.utils.availability import is_compressed_tensors_available as is_compressed_tensors_available
from trustformers.utils.availability import is_cuda_platform as is_cuda_platform
from trustformers.utils.availability import is_cv2_available as is_cv2_available
from trustformers.utils.availability import is_cython_available as is_cython_available
from trustformers.utils.availability import is_datasets_available as is_datasets_available
from trustformers.utils.availability import is_decord_available as is_decord_available
from trustformers.utils.availability import is_detectron2_available as is_detectron2_available
from trustformers.utils.availability import is_diffusers_available as is_diffusers_available
from trustformers.utils.availability import is_env_variable_false as is_env_variable_false
from trustformers.utils.availability import is_env_variable_true as is_env_variable_true
from trustformers.utils.availability import is_essentia_available as is_essentia_available
from trustformers.utils.availability import is_executorch_available as is_executorch_available
from trustformers.utils.availability import is_faiss_available as is_faiss_available
from trustformers.utils.availability import is_fbgemm_gpu_available as is_fbgemm_gpu_available
from trustformers.utils.availability import is_flash_attn_2_available as is_flash_attn_2_available
from trustformers.utils.availability import is_flash_attn_3_available as is_flash_attn_3_available
from trustformers.utils.availability import is_flash_attn_4_available as is_flash_attn_4_available
from trustformers.utils.availability import is_flash_attn_greater_or_equal as is_flash_attn_greater_or_equal
from trustformers.utils.availability import is_flash_attn_greater_or_equal_2_10 as is_flash_attn_greater_or_equal_2_10
from trustformers.utils.availability import is_flash_linear_attention_available as is_flash_linear_attention_available
from trustformers.utils.availability import is_flax_available as is_flax_available
from trustformers.utils.availability import is_flute_available as is_flute_available
from trustformers.utils.availability import is_fouroversix_available as is_fouroversix_available
from trustformers.utils.availability import is_fp_quant_available as is_fp_quant_available
from trustformers.utils.availability import is_fsdp_available as is_fsdp_available
from trustformers.utils.availability import is_g2p_en_available as is_g2p_en_available
from trustformers.utils.availability import is_galore_torch_available as is_galore_torch_available
from trustformers.utils.availability import is_gguf_available as is_gguf_available
from trustformers.utils.availability import is_gptqmodel_available as is_gptqmodel_available
from trustformers.utils.availability import is_grokadamw_available as is_grokadamw_available
from trustformers.utils.availability import is_grouped_mm_available as is_grouped_mm_available
from trustformers.utils.availability import is_habana_gaudi1 as is_habana_gaudi1
from trustformers.utils.availability import is_hadamard_available as is_hadamard_available
from trustformers.utils.availability import is_hqq_available as is_hqq_available
from trustformers.utils.availability import is_huggingface_hub_greater_or_equal as is_huggingface_hub_greater_or_equal
from trustformers.utils.availability import is_in_notebook as is_in_notebook
from trustformers.utils.availability import is_ipython_available as is_ipython_available
from trustformers.utils.availability import is_jinja_available as is_jinja_available
from trustformers.utils.availability import is_jumanpp_available as is_jumanpp_available
from trustformers.utils.availability import is_kenlm_available as is_kenlm_available
from trustformers.utils.availability import is_kernels_available as is_kernels_available
from trustformers.utils.availability import is_levenshtein_available as is_levenshtein_available
from trustformers.utils.availability import is_libcst_available as is_libcst_available
from trustformers.utils.availability import is_librosa_available as is_librosa_available
from trustformers.utils.availability import is_liger_kernel_available as is_liger_kernel_available
from trustformers.utils.availability import is_llm_awq_available as is_llm_awq_available
from trustformers.utils.availability import is_lomo_available as is_lomo_available
from trustformers.utils.availability import is_mamba_2_ssm_available as is_mamba_2_ssm_available
from trustformers.utils.availability import is_matplotlib_available as is_matplotlib_available
from trustformers.utils.availability import is_mistral_common_available as is_mistral_common_available
from trustformers.utils.availability import is_mlx_available as is_mlx_available
from trustformers.utils.availability import is_multipart_available as is_multipart_available
from trustformers.utils.availability import is_natten_available as is_natten_available
from trustformers.utils.availability import is_ninja_available as is_ninja_available
from trustformers.utils.availability import is_nltk_available as is_nltk_available
from trustformers.utils.availability import is_nncf_available as is_nncf_available
from trustformers.utils.availability import is_num2words_available as is_num2words_available
from trustformers.utils.availability import is_numba_available as is_numba_available
from trustformers.utils.availability import is_onnx_available as is_onnx_available
from trustformers.utils.availability import is_onnxruntime_available as is_onnxruntime_available
from trustformers.utils.availability import is_onnxscript_available as is_onnxscript_available
from trustformers.utils.availability import is_openai_available as is_openai_available
from trustformers.utils.availability import is_openvino_available as is_openvino_available
from trustformers.utils.availability import is_optimum_available as is_optimum_available
from trustformers.utils.availability import is_optimum_quanto_available as is_optimum_quanto_available
from trustformers.utils.availability import is_pandas_available as is_pandas_available
from trustformers.utils.availability import is_peft_available as is_peft_available
from trustformers.utils.availability import is_peft_greater_or_equal as is_peft_greater_or_equal
from trustformers.utils.availability import is_phonemizer_available as is_phonemizer_available
from trustformers.utils.availability import is_pretty_midi_available as is_pretty_midi_available
from trustformers.utils.availability import is_protobuf_available as is_protobuf_available
from trustformers.utils.availability import is_psutil_available as is_psutil_available
from trustformers.utils.availability import is_py3nvml_available as is_py3nvml_available
from trustformers.utils.availability import is_pyctcdecode_available as is_pyctcdecode_available
from trustformers.utils.availability import is_pytesseract_available as is_pytesseract_available
from trustformers.utils.availability import is_pytest_available as is_pytest_available
from trustformers.utils.availability import is_pytest_order_available as is_pytest_order_available
from trustformers.utils.availability import is_pytorch_quantization_available as is_pytorch_quantization_available
from trustformers.utils.availability import is_quark_available as is_quark_available
from trustformers.utils.availability import is_qutlass_available as is_qutlass_available
from trustformers.utils.availability import is_rich_available as is_rich_available
from trustformers.utils.availability import is_rjieba_available as is_rjieba_available
from trustformers.utils.availability import is_rocm_platform as is_rocm_platform
from trustformers.utils.availability import is_sacremoses_available as is_sacremoses_available
from trustformers.utils.availability import is_safetensors_available as is_safetensors_available
from trustformers.utils.availability import is_sagemaker_dp_enabled as is_sagemaker_dp_enabled
from trustformers.utils.availability import is_sagemaker_mp_enabled as is_sagemaker_mp_enabled
from trustformers.utils.availability import is_schedulefree_available as is_schedulefree_available
from trustformers.utils.availability import is_scipy_available as is_scipy_available
from trustformers.utils.availability import is_sentencepiece_available as is_sentencepiece_available
from trustformers.utils.availability import is_seqio_available as is_seqio_available
from trustformers.utils.availability import is_serve_available as is_serve_available
from trustformers.utils.availability import is_sinq_available as is_sinq_available
from trustformers.utils.availability import is_sklearn_available as is_sklearn_available
from trustformers.utils.availability import is_soundfile_available as is_soundfile_available
from trustformers.utils.availability import is_soxr_available as is_soxr_available
from trustformers.utils.availability import is_spacy_available as is_spacy_available
from trustformers.utils.availability import is_speech_available as is_speech_available
from trustformers.utils.availability import is_spqr_available as is_spqr_available
from trustformers.utils.availability import is_sudachi_available as is_sudachi_available
from trustformers.utils.availability import is_sudachi_projection_available as is_sudachi_projection_available
from trustformers.utils.availability import is_tf_available as is_tf_available
from trustformers.utils.availability import is_tiktoken_available as is_tiktoken_available
from trustformers.utils.availability import is_timm_available as is_timm_available
from trustformers.utils.availability import is_tokenizers_available as is_tokenizers_available
from trustformers.utils.availability import is_torch_accelerator_available as is_torch_accelerator_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_bf16_available_on_device as is_torch_bf16_available_on_device
from trustformers.utils.availability import is_torch_bf16_gpu_available as is_torch_bf16_gpu_available
from trustformers.utils.availability import is_torch_cuda_available as is_torch_cuda_available
from trustformers.utils.availability import is_torch_deterministic as is_torch_deterministic
from trustformers.utils.availability import is_torch_distributed_available as is_torch_distributed_available
from trustformers.utils.availability import is_torch_flex_attn_available as is_torch_flex_attn_available
from trustformers.utils.availability import is_torch_fp16_available_on_device as is_torch_fp16_available_on_device
from trustformers.utils.availability import is_torch_fx_proxy as is_torch_fx_proxy
from trustformers.utils.availability import is_torch_greater_or_equal as is_torch_greater_or_equal
from trustformers.utils.availability import is_torch_hpu_available as is_torch_hpu_available
from trustformers.utils.availability import is_torch_mlu_available as is_torch_mlu_available
from trustformers.utils.availability import is_torch_mps_available as is_torch_mps_available
from trustformers.utils.availability import is_torch_musa_available as is_torch_musa_available
from trustformers.utils.availability import is_torch_neuron_available as is_torch_neuron_available
from trustformers.utils.availability import is_torch_neuroncore_available as is_torch_neuroncore_available
from trustformers.utils.availability import is_torch_npu_available as is_torch_npu_available
from trustformers.utils.availability import is_torch_optimi_available as is_torch_optimi_available
from trustformers.utils.availability import is_torch_tensorrt_fx_available as is_torch_tensorrt_fx_available
from trustformers.utils.availability import is_torch_tf32_available as is_torch_tf32_available
from trustformers.utils.availability import is_torch_tpu_available as is_torch_tpu_available
from trustformers.utils.availability import is_torch_xla_available as is_torch_xla_available
from trustformers.utils.availability import is_torch_xpu_available as is_torch_xpu_available
from trustformers.utils.availability import is_torchao_available as is_torchao_available
from trustformers.utils.availability import is_torchaudio_available as is_torchaudio_available
from trustformers.utils.availability import is_torchcodec_available as is_torchcodec_available
from trustformers.utils.availability import is_torchdistx_available as is_torchdistx_available
from trustformers.utils.availability import is_torchdynamo_compiling as is_torchdynamo_compiling
from trustformers.utils.availability import is_torchdynamo_exporting as is_torchdynamo_exporting
from trustformers.utils.availability import is_torchvision_available as is_torchvision_available
from trustformers.utils.availability import is_torchvision_v2_available as is_torchvision_v2_available
from trustformers.utils.availability import is_tracing as is_tracing
from trustformers.utils.availability import is_training_run_on_sagemaker as is_training_run_on_sagemaker
from trustformers.utils.availability import is_triton_available as is_triton_available
from trustformers.utils.availability import is_uroman_available as is_uroman_available
from trustformers.utils.availability import is_vision_available as is_vision_available
from trustformers.utils.availability import is_vptq_available as is_vptq_available
from trustformers.utils.availability import is_xlstm_available as is_xlstm_available
from trustformers.utils.availability import is_yt_dlp_available as is_yt_dlp_available
from trustformers.utils.availability import requires_backends as requires_backends
from trustformers.utils.callables import copy_func as copy_func
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
from trustformers.utils.docstrings import add_code_sample_docstrings as add_code_sample_docstrings
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.docstrings import add_start_docstrings as add_start_docstrings
from trustformers.utils.docstrings import add_start_docstrings_to_model_forward as add_start_docstrings_to_model_forward
from trustformers.utils.docstrings import replace_return_docstrings as replace_return_docstrings
from trustformers.utils.enums import ExplicitEnum as ExplicitEnum
from trustformers.utils.enums import PaddingStrategy as PaddingStrategy
from trustformers.utils.enums import TensorType as TensorType
from trustformers.utils.hub_files import ADAPTER_CONFIG_NAME as ADAPTER_CONFIG_NAME
from trustformers.utils.hub_files import ADAPTER_SAFE_WEIGHTS_NAME as ADAPTER_SAFE_WEIGHTS_NAME
from trustformers.utils.hub_files import ADAPTER_WEIGHTS_NAME as ADAPTER_WEIGHTS_NAME
from trustformers.utils.hub_files import CHAT_TEMPLATE_DIR as CHAT_TEMPLATE_DIR
from trustformers.utils.hub_files import CHAT_TEMPLATE_FILE as CHAT_TEMPLATE_FILE
from trustformers.utils.hub_files import CONFIG_NAME as CONFIG_NAME
from trustformers.utils.hub_files import DUMMY_INPUTS as DUMMY_INPUTS
from trustformers.utils.hub_files import DUMMY_MASK as DUMMY_MASK
from trustformers.utils.hub_files import FEATURE_EXTRACTOR_NAME as FEATURE_EXTRACTOR_NAME
from trustformers.utils.hub_files import GENERATION_CONFIG_NAME as GENERATION_CONFIG_NAME
from trustformers.utils.hub_files import IMAGE_PROCESSOR_NAME as IMAGE_PROCESSOR_NAME
from trustformers.utils.hub_files import MODEL_CARD_NAME as MODEL_CARD_NAME
from trustformers.utils.hub_files import PROCESSOR_NAME as PROCESSOR_NAME
from trustformers.utils.hub_files import PushToHubMixin as PushToHubMixin
from trustformers.utils.hub_files import SAFE_WEIGHTS_INDEX_NAME as SAFE_WEIGHTS_INDEX_NAME
from trustformers.utils.hub_files import SAFE_WEIGHTS_NAME as SAFE_WEIGHTS_NAME
from trustformers.utils.hub_files import SENTENCEPIECE_UNDERLINE as SENTENCEPIECE_UNDERLINE
from trustformers.utils.hub_files import SPIECE_UNDERLINE as SPIECE_UNDERLINE
from trustformers.utils.hub_files import WEIGHTS_INDEX_NAME as WEIGHTS_INDEX_NAME
from trustformers.utils.hub_files import WEIGHTS_NAME as WEIGHTS_NAME
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.hub_files import extract_commit_hash as extract_commit_hash
from trustformers.utils.hub_files import find_adapter_config_file as find_adapter_config_file
from trustformers.utils.hub_files import has_file as has_file
from trustformers.utils.hub_files import http_user_agent as http_user_agent
from trustformers.utils.hub_files import is_offline_mode as is_offline_mode
from trustformers.utils.requirements import check_min_version as check_min_version
from trustformers.utils.requirements import send_example_telemetry as send_example_telemetry

__all__ = [
    "ADAPTER_CONFIG_NAME",
    "ADAPTER_SAFE_WEIGHTS_NAME",
    "ADAPTER_WEIGHTS_NAME",
    "CHAT_TEMPLATE_DIR",
    "CHAT_TEMPLATE_FILE",
    "CONFIG_NAME",
    "ContextManagers",
    "DUMMY_INPUTS",
    "DUMMY_MASK",
    "ExplicitEnum",
    "FEATURE_EXTRACTOR_NAME",
    "GENERATION_CONFIG_NAME",
    "IMAGE_PROCESSOR_NAME",
    "MODEL_CARD_NAME",
    "ModelOutput",
    "PROCESSOR_NAME",
    "PaddingStrategy",
    "PushToHubMixin",
    "SAFE_WEIGHTS_INDEX_NAME",
    "SAFE_WEIGHTS_NAME",
    "SENTENCEPIECE_UNDERLINE",
    "SPIECE_UNDERLINE",
    "TensorType",
    "WEIGHTS_INDEX_NAME",
    "WEIGHTS_NAME",
    "add_code_sample_docstrings",
    "add_end_docstrings",
    "add_start_docstrings",
    "add_start_docstrings_to_model_forward",
    "cached_file",
    "check_min_version",
    "copy_func",
    "extract_commit_hash",
    "find_adapter_config_file",
    "find_labels",
    "flatten_dict",
    "get_json_schema",
    "get_torch_version",
    "has_file",
    "http_user_agent",
    "is_accelerate_available",
    "is_apex_available",
    "is_apollo_torch_available",
    "is_aqlm_available",
    "is_audio_available",
    "is_auto_round_available",
    "is_av_available",
    "is_bitsandbytes_available",
    "is_bs4_available",
    "is_causal_conv1d_available",
    "is_coloredlogs_available",
    "is_compressed_tensors_available",
    "is_cuda_platform",
    "is_cv2_available",
    "is_cython_available",
    "is_datasets_available",
    "is_decord_available",
    "is_detectron2_available",
    "is_diffusers_available",
    "is_env_variable_false",
    "is_env_variable_true",
    "is_essentia_available",
    "is_executorch_available",
    "is_faiss_available",
    "is_fbgemm_gpu_available",
    "is_flash_attn_2_available",
    "is_flash_attn_3_available",
    "is_flash_attn_4_available",
    "is_flash_attn_greater_or_equal",
    "is_flash_attn_greater_or_equal_2_10",
    "is_flash_linear_attention_available",
    "is_flax_available",
    "is_flute_available",
    "is_fouroversix_available",
    "is_fp_quant_available",
    "is_fsdp_available",
    "is_g2p_en_available",
    "is_galore_torch_available",
    "is_gguf_available",
    "is_gptqmodel_available",
    "is_grokadamw_available",
    "is_grouped_mm_available",
    "is_habana_gaudi1",
    "is_hadamard_available",
    "is_hqq_available",
    "is_huggingface_hub_greater_or_equal",
    "is_in_notebook",
    "is_ipython_available",
    "is_jinja_available",
    "is_jumanpp_available",
    "is_kenlm_available",
    "is_kernels_available",
    "is_levenshtein_available",
    "is_libcst_available",
    "is_librosa_available",
    "is_liger_kernel_available",
    "is_llm_awq_available",
    "is_lomo_available",
    "is_mamba_2_ssm_available",
    "is_matplotlib_available",
    "is_mistral_common_available",
    "is_mlx_available",
    "is_multipart_available",
    "is_natten_available",
    "is_ninja_available",
    "is_nltk_available",
    "is_nncf_available",
    "is_num2words_available",
    "is_numba_available",
    "is_numpy_array",
    "is_offline_mode",
    "is_onnx_available",
    "is_onnxruntime_available",
    "is_onnxscript_available",
    "is_openai_available",
    "is_openvino_available",
    "is_optimum_available",
    "is_optimum_quanto_available",
    "is_pandas_available",
    "is_peft_available",
    "is_peft_greater_or_equal",
    "is_phonemizer_available",
    "is_pretty_midi_available",
    "is_protobuf_available",
    "is_psutil_available",
    "is_py3nvml_available",
    "is_pyctcdecode_available",
    "is_pytesseract_available",
    "is_pytest_available",
    "is_pytest_order_available",
    "is_pytorch_quantization_available",
    "is_quark_available",
    "is_qutlass_available",
    "is_rich_available",
    "is_rjieba_available",
    "is_rocm_platform",
    "is_sacremoses_available",
    "is_safetensors_available",
    "is_sagemaker_dp_enabled",
    "is_sagemaker_mp_enabled",
    "is_schedulefree_available",
    "is_scipy_available",
    "is_sentencepiece_available",
    "is_seqio_available",
    "is_serve_available",
    "is_sinq_available",
    "is_sklearn_available",
    "is_soundfile_available",
    "is_soxr_available",
    "is_spacy_available",
    "is_speech_available",
    "is_spqr_available",
    "is_sudachi_available",
    "is_sudachi_projection_available",
    "is_tensor",
    "is_tf_available",
    "is_tiktoken_available",
    "is_timm_available",
    "is_tokenizers_available",
    "is_torch_accelerator_available",
    "is_torch_available",
    "is_torch_bf16_available_on_device",
    "is_torch_bf16_gpu_available",
    "is_torch_cuda_available",
    "is_torch_deterministic",
    "is_torch_device",
    "is_torch_distributed_available",
    "is_torch_dtype",
    "is_torch_flex_attn_available",
    "is_torch_fp16_available_on_device",
    "is_torch_fx_proxy",
    "is_torch_greater_or_equal",
    "is_torch_hpu_available",
    "is_torch_mlu_available",
    "is_torch_mps_available",
    "is_torch_musa_available",
    "is_torch_neuron_available",
    "is_torch_neuroncore_available",
    "is_torch_npu_available",
    "is_torch_optimi_available",
    "is_torch_tensor",
    "is_torch_tensorrt_fx_available",
    "is_torch_tf32_available",
    "is_torch_tpu_available",
    "is_torch_xla_available",
    "is_torch_xpu_available",
    "is_torchao_available",
    "is_torchaudio_available",
    "is_torchcodec_available",
    "is_torchdistx_available",
    "is_torchdynamo_compiling",
    "is_torchdynamo_exporting",
    "is_torchvision_available",
    "is_torchvision_v2_available",
    "is_tracing",
    "is_training_run_on_sagemaker",
    "is_triton_available",
    "is_uroman_available",
    "is_vision_available",
    "is_vptq_available",
    "is_xlstm_available",
    "is_yt_dlp_available",
    "replace_return_docstrings",
    "requires_backends",
    "safe_load_json_file",
    "send_example_telemetry",
    "strtobool",
    "to_numpy",
    "to_py_obj",
]
