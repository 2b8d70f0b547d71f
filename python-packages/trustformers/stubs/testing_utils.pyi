"""Names of transformers.testing_utils. Written by ci/python_stubs.py."""

from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.submodules import Module as Module
from trustformers.training.trainer import Trainer as Trainer
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
from trustformers.utils.availability import is_clearml_available as is_clearml_available
from trustformers.utils.availability import is_compressed_tensors_available as is_compressed_tensors_available
from trustformers.utils.availability import is_cv2_available as is_cv2_available
from trustformers.utils.availability import is_cython_available as is_cython_available
from trustformers.utils.availability import is_decord_available as is_decord_available
from trustformers.utils.availability import is_deepspeed_available as is_deepspeed_available
from trustformers.utils.availability import is_detectron2_available as is_detectron2_available
from trustformers.utils.availability import is_diffusers_available as is_diffusers_available
from trustformers.utils.availability import is_essentia_available as is_essentia_available
from trustformers.utils.availability import is_executorch_available as is_executorch_available
from trustformers.utils.availability import is_faiss_available as is_faiss_available
from trustformers.utils.availability import is_fbgemm_gpu_available as is_fbgemm_gpu_available
from trustformers.utils.availability import is_flash_attn_2_available as is_flash_attn_2_available
from trustformers.utils.availability import is_flash_attn_3_available as is_flash_attn_3_available
from trustformers.utils.availability import is_flash_attn_4_available as is_flash_attn_4_available
from trustformers.utils.availability import is_flash_linear_attention_available as is_flash_linear_attention_available
from trustformers.utils.availability import is_flute_available as is_flute_available
from trustformers.utils.availability import is_fouroversix_available as is_fouroversix_available
from trustformers.utils.availability import is_fp_quant_available as is_fp_quant_available
from trustformers.utils.availability import is_fsdp_available as is_fsdp_available
from trustformers.utils.availability import is_g2p_en_available as is_g2p_en_available
from trustformers.utils.availability import is_galore_torch_available as is_galore_torch_available
from trustformers.utils.availability import is_gguf_available as is_gguf_available
from trustformers.utils.availability import is_gptqmodel_available as is_gptqmodel_available
from trustformers.utils.availability import is_grokadamw_available as is_grokadamw_available
from trustformers.utils.availability import is_hadamard_available as is_hadamard_available
from trustformers.utils.availability import is_hqq_available as is_hqq_available
from trustformers.utils.availability import is_huggingface_hub_greater_or_equal as is_huggingface_hub_greater_or_equal
from trustformers.utils.availability import is_ipython_available as is_ipython_available
from trustformers.utils.availability import is_jinja_available as is_jinja_available
from trustformers.utils.availability import is_jumanpp_available as is_jumanpp_available
from trustformers.utils.availability import is_kernels_available as is_kernels_available
from trustformers.utils.availability import is_levenshtein_available as is_levenshtein_available
from trustformers.utils.availability import is_librosa_available as is_librosa_available
from trustformers.utils.availability import is_liger_kernel_available as is_liger_kernel_available
from trustformers.utils.availability import is_lomo_available as is_lomo_available
from trustformers.utils.availability import is_mistral_common_available as is_mistral_common_available
from trustformers.utils.availability import is_multipart_available as is_multipart_available
from trustformers.utils.availability import is_natten_available as is_natten_available
from trustformers.utils.availability import is_nltk_available as is_nltk_available
from trustformers.utils.availability import is_nncf_available as is_nncf_available
from trustformers.utils.availability import is_numba_available as is_numba_available
from trustformers.utils.availability import is_onnx_available as is_onnx_available
from trustformers.utils.availability import is_onnxruntime_available as is_onnxruntime_available
from trustformers.utils.availability import is_onnxscript_available as is_onnxscript_available
from trustformers.utils.availability import is_openai_available as is_openai_available
from trustformers.utils.availability import is_openvino_available as is_openvino_available
from trustformers.utils.availability import is_optimum_available as is_optimum_available
from trustformers.utils.availability import is_optimum_quanto_available as is_optimum_quanto_available
from trustformers.utils.availability import is_optuna_available as is_optuna_available
from trustformers.utils.availability import is_pandas_available as is_pandas_available
from trustformers.utils.availability import is_peft_available as is_peft_available
from trustformers.utils.availability import is_peft_greater_or_equal as is_peft_greater_or_equal
from trustformers.utils.availability import is_phonemizer_available as is_phonemizer_available
from trustformers.utils.availability import is_pretty_midi_available as is_pretty_midi_available
from trustformers.utils.availability import is_psutil_available as is_psutil_available
from trustformers.utils.availability import is_pyctcdecode_available as is_pyctcdecode_available
from trustformers.utils.availability import is_pytesseract_available as is_pytesseract_available
from trustformers.utils.availability import is_pytest_available as is_pytest_available
from trustformers.utils.availability import is_pytest_order_available as is_pytest_order_available
from trustformers.utils.availability import is_pytorch_quantization_available as is_pytorch_quantization_available
from trustformers.utils.availability import is_quark_available as is_quark_available
from trustformers.utils.availability import is_qutlass_available as is_qutlass_available
from trustformers.utils.availability import is_ray_available as is_ray_available
from trustformers.utils.availability import is_rjieba_available as is_rjieba_available
from trustformers.utils.availability import is_sacremoses_available as is_sacremoses_available
from trustformers.utils.availability import is_schedulefree_available as is_schedulefree_available
from trustformers.utils.availability import is_scipy_available as is_scipy_available
from trustformers.utils.availability import is_sentencepiece_available as is_sentencepiece_available
from trustformers.utils.availability import is_seqio_available as is_seqio_available
from trustformers.utils.availability import is_serve_available as is_serve_available
from trustformers.utils.availability import is_soundfile_available as is_soundfile_available
from trustformers.utils.availability import is_spacy_available as is_spacy_available
from trustformers.utils.availability import is_speech_available as is_speech_available
from trustformers.utils.availability import is_spqr_available as is_spqr_available
from trustformers.utils.availability import is_sudachi_available as is_sudachi_available
from trustformers.utils.availability import is_sudachi_projection_available as is_sudachi_projection_available
from trustformers.utils.availability import is_swanlab_available as is_swanlab_available
from trustformers.utils.availability import is_tensorboard_available as is_tensorboard_available
from trustformers.utils.availability import is_tiktoken_available as is_tiktoken_available
from trustformers.utils.availability import is_timm_available as is_timm_available
from trustformers.utils.availability import is_tokenizers_available as is_tokenizers_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_torch_bf16_available_on_device as is_torch_bf16_available_on_device
from trustformers.utils.availability import is_torch_flex_attn_available as is_torch_flex_attn_available
from trustformers.utils.availability import is_torch_fp16_available_on_device as is_torch_fp16_available_on_device
from trustformers.utils.availability import is_torch_greater_or_equal as is_torch_greater_or_equal
from trustformers.utils.availability import is_torch_hpu_available as is_torch_hpu_available
from trustformers.utils.availability import is_torch_mlu_available as is_torch_mlu_available
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
from trustformers.utils.availability import is_torchvision_available as is_torchvision_available
from trustformers.utils.availability import is_trackio_available as is_trackio_available
from trustformers.utils.availability import is_triton_available as is_triton_available
from trustformers.utils.availability import is_vision_available as is_vision_available
from trustformers.utils.availability import is_vptq_available as is_vptq_available
from trustformers.utils.availability import is_wandb_available as is_wandb_available
from trustformers.utils.capture import CaptureLogger as CaptureLogger
from trustformers.utils.conversions import strtobool as strtobool
from trustformers.utils.hub_files import SAFE_WEIGHTS_INDEX_NAME as SAFE_WEIGHTS_INDEX_NAME
from trustformers.utils.hub_files import WEIGHTS_INDEX_NAME as WEIGHTS_INDEX_NAME

__all__ = [
    "CaptureLogger",
    "Module",
    "PreTrainedModel",
    "SAFE_WEIGHTS_INDEX_NAME",
    "Trainer",
    "WEIGHTS_INDEX_NAME",
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
    "is_clearml_available",
    "is_compressed_tensors_available",
    "is_cv2_available",
    "is_cython_available",
    "is_decord_available",
    "is_deepspeed_available",
    "is_detectron2_available",
    "is_diffusers_available",
    "is_essentia_available",
    "is_executorch_available",
    "is_faiss_available",
    "is_fbgemm_gpu_available",
    "is_flash_attn_2_available",
    "is_flash_attn_3_available",
    "is_flash_attn_4_available",
    "is_flash_linear_attention_available",
    "is_flute_available",
    "is_fouroversix_available",
    "is_fp_quant_available",
    "is_fsdp_available",
    "is_g2p_en_available",
    "is_galore_torch_available",
    "is_gguf_available",
    "is_gptqmodel_available",
    "is_grokadamw_available",
    "is_hadamard_available",
    "is_hqq_available",
    "is_huggingface_hub_greater_or_equal",
    "is_ipython_available",
    "is_jinja_available",
    "is_jumanpp_available",
    "is_kernels_available",
    "is_levenshtein_available",
    "is_librosa_available",
    "is_liger_kernel_available",
    "is_lomo_available",
    "is_mistral_common_available",
    "is_multipart_available",
    "is_natten_available",
    "is_nltk_available",
    "is_nncf_available",
    "is_numba_available",
    "is_onnx_available",
    "is_onnxruntime_available",
    "is_onnxscript_available",
    "is_openai_available",
    "is_openvino_available",
    "is_optimum_available",
    "is_optimum_quanto_available",
    "is_optuna_available",
    "is_pandas_available",
    "is_peft_available",
    "is_peft_greater_or_equal",
    "is_phonemizer_available",
    "is_pretty_midi_available",
    "is_psutil_available",
    "is_pyctcdecode_available",
    "is_pytesseract_available",
    "is_pytest_available",
    "is_pytest_order_available",
    "is_pytorch_quantization_available",
    "is_quark_available",
    "is_qutlass_available",
    "is_ray_available",
    "is_rjieba_available",
    "is_sacremoses_available",
    "is_schedulefree_available",
    "is_scipy_available",
    "is_sentencepiece_available",
    "is_seqio_available",
    "is_serve_available",
    "is_soundfile_available",
    "is_spacy_available",
    "is_speech_available",
    "is_spqr_available",
    "is_sudachi_available",
    "is_sudachi_projection_available",
    "is_swanlab_available",
    "is_tensorboard_available",
    "is_tiktoken_available",
    "is_timm_available",
    "is_tokenizers_available",
    "is_torch_available",
    "is_torch_bf16_available_on_device",
    "is_torch_flex_attn_available",
    "is_torch_fp16_available_on_device",
    "is_torch_greater_or_equal",
    "is_torch_hpu_available",
    "is_torch_mlu_available",
    "is_torch_neuroncore_available",
    "is_torch_npu_available",
    "is_torch_optimi_available",
    "is_torch_tensorrt_fx_available",
    "is_torch_tf32_available",
    "is_torch_tpu_available",
    "is_torch_xla_available",
    "is_torch_xpu_available",
    "is_torchao_available",
    "is_torchaudio_available",
    "is_torchcodec_available",
    "is_torchvision_available",
    "is_trackio_available",
    "is_triton_available",
    "is_vision_available",
    "is_vptq_available",
    "is_wandb_available",
    "strtobool",
]
