"""Which packages are installed, and what the engine can do: the `is_..._available` of transformers."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from functools import cache, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from trustformers.runtime.backends import is_available
from trustformers.utils.requirements import version_key

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[..., bool]

__all__ = [
    "NLTK_IMPORT_ERROR",
    "get_torch_version",
    "is_accelerate_available",
    "is_apex_available",
    "is_apollo_torch_available",
    "is_aqlm_available",
    "is_audio_available",
    "is_auto_round_available",
    "is_av_available",
    "is_azureml_available",
    "is_bitsandbytes_available",
    "is_bs4_available",
    "is_causal_conv1d_available",
    "is_clearml_available",
    "is_codecarbon_available",
    "is_coloredlogs_available",
    "is_comet_available",
    "is_compressed_tensors_available",
    "is_cuda_platform",
    "is_cuda_stream_capturing",
    "is_cv2_available",
    "is_cython_available",
    "is_dagshub_available",
    "is_datasets_available",
    "is_decord_available",
    "is_deepspeed_available",
    "is_deepspeed_zero3_enabled",
    "is_detectron2_available",
    "is_diffusers_available",
    "is_dvclive_available",
    "is_env_variable_false",
    "is_env_variable_true",
    "is_essentia_available",
    "is_executorch_available",
    "is_faiss_available",
    "is_fake_tensor",
    "is_fastapi_available",
    "is_fbgemm_gpu_available",
    "is_flash_attn_2_available",
    "is_flash_attn_3_available",
    "is_flash_attn_4_available",
    "is_flash_attn_greater_or_equal",
    "is_flash_attn_greater_or_equal_2_10",
    "is_flash_attn_kernel_fallback_available",
    "is_flash_linear_attention_available",
    "is_flax_available",
    "is_flute_available",
    "is_flyte_deck_standard_available",
    "is_flytekit_available",
    "is_fouroversix_available",
    "is_fp_quant_available",
    "is_fsdp_available",
    "is_fsdp_enabled",
    "is_fsdp_managed_module",
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
    "is_jax_jitting",
    "is_jinja_available",
    "is_jit_tracing",
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
    "is_mamba_ssm_available",
    "is_mambapy_available",
    "is_matplotlib_available",
    "is_mistral_common_available",
    "is_mlflow_available",
    "is_mlx_available",
    "is_multipart_available",
    "is_nagisa_available",
    "is_natten_available",
    "is_neptune_available",
    "is_ninja_available",
    "is_nltk_available",
    "is_nncf_available",
    "is_num2words_available",
    "is_numba_available",
    "is_onnx_available",
    "is_onnxruntime_available",
    "is_onnxscript_available",
    "is_openai_available",
    "is_openvino_available",
    "is_optimum_available",
    "is_optimum_neuron_available",
    "is_optimum_quanto_available",
    "is_optuna_available",
    "is_pandas_available",
    "is_peft_available",
    "is_peft_greater_or_equal",
    "is_phonemizer_available",
    "is_pretty_midi_available",
    "is_protobuf_available",
    "is_psutil_available",
    "is_py3nvml_available",
    "is_pyctcdecode_available",
    "is_pydantic_available",
    "is_pygments_available",
    "is_pynvml_available",
    "is_pytesseract_available",
    "is_pytest_available",
    "is_pytest_order_available",
    "is_pytorch_quantization_available",
    "is_quark_available",
    "is_qutlass_available",
    "is_ray_available",
    "is_ray_tune_available",
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
    "is_soynlp_available",
    "is_spacy_available",
    "is_speech_available",
    "is_spqr_available",
    "is_sudachi_available",
    "is_sudachi_projection_available",
    "is_swanlab_available",
    "is_tensorboard_available",
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
    "is_torch_distributed_available",
    "is_torch_flex_attn_available",
    "is_torch_fp16_available_on_device",
    "is_torch_fx_proxy",
    "is_torch_greater_or_equal",
    "is_torch_hpu_available",
    "is_torch_less_or_equal",
    "is_torch_mlu_available",
    "is_torch_mps_available",
    "is_torch_musa_available",
    "is_torch_neuron_available",
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
    "is_torchdistx_available",
    "is_torchdynamo_compiling",
    "is_torchdynamo_exporting",
    "is_torchvision_available",
    "is_torchvision_v2_available",
    "is_tracing",
    "is_trackio_available",
    "is_training_run_on_sagemaker",
    "is_triton_available",
    "is_uroman_available",
    "is_uvicorn_available",
    "is_vision_available",
    "is_vptq_available",
    "is_wandb_available",
    "is_xlstm_available",
    "is_xpu_stream_capturing",
    "is_yt_dlp_available",
    "requires_backends",
]

# Filled in with the name of what needs the package.
NLTK_IMPORT_ERROR = "{0} needs nltk, which is not installed: pip install nltk"

# Names of packages whose distributions are called otherwise.
_DISTRIBUTIONS = {"cv2": "opencv-python", "PIL": "pillow", "sklearn": "scikit-learn", "fla": "flash-linear-attention"}


@cache
def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def _version(package: str) -> str | None:
    """The version of an installed package; None if it is not installed or does not say."""
    if not _is_installed(package):
        return None
    try:
        return importlib.metadata.version(_DISTRIBUTIONS.get(package, package))
    except importlib.metadata.PackageNotFoundError:
        return None


def _at_least(package: str, version: str, accept_dev: bool = False) -> bool:
    found = _version(package)
    if found is None:
        return False
    if accept_dev:
        found = found.partition("+")[0].partition(".dev")[0]
    return version_key(found) >= version_key(version)


def _package(*names: str, version: str | None = None) -> Check:
    """A check that packages are installed, the first of them in this version or a later one."""

    def check(min_version: str | None = version) -> bool:
        if not all(map(_is_installed, names)):
            return False
        return min_version is None or _at_least(names[0], min_version)

    check.__doc__ = f"Whether {' and '.join(names)} {'are' if len(names) > 1 else 'is'} installed."
    return check


def _never(reason: str) -> Check:
    """A check that is false whatever is installed."""

    def check(*_args: Any, **_kwargs: Any) -> bool:
        return False

    check.__doc__ = f"False: {reason}."
    return check


def _always(reason: str) -> Check:
    """A check that is true whatever is installed."""

    def check(*_args: Any, **_kwargs: Any) -> bool:
        return True

    check.__doc__ = f"True: {reason}."
    return check


is_accelerate_available: Check = _package("accelerate", version="1.1.0")
is_apex_available: Check = _package("apex")
is_apollo_torch_available: Check = _package("apollo_torch")
is_aqlm_available: Check = _package("aqlm")
is_auto_round_available: Check = _package("auto_round", version="0.5.0")
is_av_available: Check = _package("av")
is_bitsandbytes_available: Check = _package("bitsandbytes", version="0.46.1")
is_bs4_available: Check = _package("bs4")
is_causal_conv1d_available: Check = _package("causal_conv1d")
is_clearml_available: Check = _package("clearml")
is_codecarbon_available: Check = _package("codecarbon")
is_coloredlogs_available: Check = _package("coloredlogs")
is_compressed_tensors_available: Check = _package("compressed_tensors")
is_cv2_available: Check = _package("cv2")
is_cython_available: Check = _package("pyximport")
is_datasets_available: Check = _package("datasets")
is_decord_available: Check = _package("decord")
is_diffusers_available: Check = _package("diffusers")
is_dvclive_available: Check = _package("dvclive")
is_essentia_available: Check = _package("essentia")
is_executorch_available: Check = _package("executorch")
is_faiss_available: Check = _package("faiss")
is_fastapi_available: Check = _package("fastapi")
is_fbgemm_gpu_available: Check = _package("fbgemm_gpu")
is_flute_available: Check = _package("flute", version="0.4.1")
is_flyte_deck_standard_available: Check = _package("flytekitplugins.deck")
is_flytekit_available: Check = _package("flytekit")
is_fouroversix_available: Check = _package("fouroversix")
is_fp_quant_available: Check = _package("fp_quant", version="0.3.2")
is_g2p_en_available: Check = _package("g2p_en")
is_galore_torch_available: Check = _package("galore_torch")
is_gptqmodel_available: Check = _package("gptqmodel")
is_grokadamw_available: Check = _package("grokadamw")
is_hadamard_available: Check = _package("fast_hadamard_transform")
is_hqq_available: Check = _package("hqq", version="0.2.1")
is_ipython_available: Check = _package("IPython")
is_jumanpp_available: Check = _package("rhoknp")
is_kenlm_available: Check = _package("kenlm")
is_levenshtein_available: Check = _package("Levenshtein")
is_libcst_available: Check = _package("libcst")
is_librosa_available: Check = _package("librosa")
is_liger_kernel_available: Check = _package("liger_kernel", version="0.3.0")
is_llm_awq_available: Check = _package("awq")
is_lomo_available: Check = _package("lomo_optim")
is_mamba_2_ssm_available: Check = _package("mamba_ssm", version="2.0.4")
is_mamba_ssm_available: Check = _package("mamba_ssm")
is_mambapy_available: Check = _package("mambapy")
is_matplotlib_available: Check = _package("matplotlib")
is_mistral_common_available: Check = _package("mistral_common")
is_mlflow_available: Check = _package("mlflow")
is_mlx_available: Check = _package("mlx")
is_multipart_available: Check = _package("multipart")
is_nagisa_available: Check = _package("nagisa")
is_natten_available: Check = _package("natten")
is_nltk_available: Check = _package("nltk")
is_nncf_available: Check = _package("nncf")
is_num2words_available: Check = _package("num2words")
is_onnx_available: Check = _package("onnx")
is_onnxruntime_available: Check = _package("onnxruntime")
is_onnxscript_available: Check = _package("onnxscript")
is_openai_available: Check = _package("openai")
is_openvino_available: Check = _package("openvino")
is_optimum_available: Check = _package("optimum")
is_optimum_neuron_available: Check = _package("optimum.neuron")
is_optimum_quanto_available: Check = _package("optimum.quanto")
is_optuna_available: Check = _package("optuna")
is_pandas_available: Check = _package("pandas")
is_peft_available: Check = _package("peft")
is_phonemizer_available: Check = _package("phonemizer")
is_pretty_midi_available: Check = _package("pretty_midi")
is_psutil_available: Check = _package("psutil")
is_py3nvml_available: Check = _package("py3nvml")
is_pyctcdecode_available: Check = _package("pyctcdecode")
is_pydantic_available: Check = _package("pydantic")
is_pygments_available: Check = _package("pygments")
is_pynvml_available: Check = _package("pynvml")
is_pytesseract_available: Check = _package("pytesseract")
is_pytest_available: Check = _package("pytest")
is_pytest_order_available: Check = _package("pytest_order")
is_pytorch_quantization_available: Check = _package("pytorch_quantization")
is_quark_available: Check = _package("quark", version="0.12")
is_qutlass_available: Check = _package("qutlass", version="0.2.0")
is_ray_available: Check = _package("ray")
is_ray_tune_available: Check = _package("ray.tune")
is_rich_available: Check = _package("rich")
is_rjieba_available: Check = _package("rjieba")
is_sacremoses_available: Check = _package("sacremoses")
is_schedulefree_available: Check = _package("schedulefree", version="1.2.6")
is_scipy_available: Check = _package("scipy")
is_sentencepiece_available: Check = _package("sentencepiece")
is_seqio_available: Check = _package("seqio")
is_sinq_available: Check = _package("sinq")
is_sklearn_available: Check = _package("sklearn")
is_soundfile_available: Check = _package("soundfile")
is_soxr_available: Check = _package("soxr")
is_soynlp_available: Check = _package("soynlp")
is_spacy_available: Check = _package("spacy")
is_spqr_available: Check = _package("spqr_quant")
is_sudachi_available: Check = _package("sudachipy")
is_sudachi_projection_available: Check = _package("sudachipy", version="0.6.8")
is_swanlab_available: Check = _package("swanlab")
is_torch_optimi_available: Check = _package("optimi")
is_torchao_available: Check = _package("torchao", version="0.15.0")
is_torchaudio_available: Check = _package("torchaudio")
is_torchcodec_available: Check = _package("torchcodec")
is_torchdistx_available: Check = _package("torchdistx")
is_torchvision_available: Check = _package("torchvision")
is_trackio_available: Check = _package("trackio")
is_triton_available: Check = _package("triton", version="1.0.0")
is_uroman_available: Check = _package("uroman")
is_uvicorn_available: Check = _package("uvicorn")
is_vptq_available: Check = _package("vptq", version="0.0.4")
is_xlstm_available: Check = _package("xlstm")
is_yt_dlp_available: Check = _package("yt_dlp")
is_torch_available: Check = _package("torch")
is_torchvision_v2_available: Check = is_torchvision_available
is_serve_available: Check = _package("pydantic", "fastapi", "uvicorn", "openai")
is_deepspeed_available: Check = _package("deepspeed")
is_detectron2_available: Check = _package("detectron2")
is_ninja_available: Check = _package("ninja")
is_protobuf_available: Check = _package("google", "google.protobuf")
is_vision_available: Check = _package("PIL")
is_timm_available: Check = _package("timm")
is_numba_available: Check = _package("numba")
is_audio_available: Check = _package("torchaudio")
is_speech_available: Check = _package("torchaudio")
is_tiktoken_available: Check = _package("tiktoken")
is_kernels_available: Check = _package("kernels", version="0.18.2")
is_flash_linear_attention_available: Check = _package("fla", version="0.2.2")
is_torch_tensorrt_fx_available: Check = _package("torch_tensorrt")
is_wandb_available: Check = _package("wandb")
is_comet_available: Check = _package("comet_ml")
is_azureml_available: Check = _package("azureml")
is_dagshub_available: Check = _package("dagshub", "mlflow")
is_neptune_available: Check = _package("neptune")

is_tokenizers_available: Check = _always("tokenizers are part of the engine")
is_safetensors_available: Check = _always("the engine reads safetensors files")
is_jinja_available: Check = _always("the engine renders chat templates")
is_gguf_available: Check = _always("the engine reads GGUF files")

is_tf_available: Check = _never("TensorFlow is not supported")
is_flax_available: Check = _never("Flax is not supported")
is_flash_attn_2_available: Check = _never("the engine has its own attention")
is_flash_attn_3_available: Check = _never("the engine has its own attention")
is_flash_attn_4_available: Check = _never("the engine has its own attention")
is_flash_attn_greater_or_equal: Check = _never("the engine has its own attention")
is_flash_attn_greater_or_equal_2_10: Check = _never("the engine has its own attention")
is_flash_attn_kernel_fallback_available: Check = _never("the engine has its own attention")
is_torch_flex_attn_available: Check = _never("the engine has its own attention")
is_grouped_mm_available: Check = _never("the engine has its own kernels")
is_torch_npu_available: Check = _never("there is no backend of this device")
is_torch_xpu_available: Check = _never("there is no backend of this device")
is_torch_mlu_available: Check = _never("there is no backend of this device")
is_torch_musa_available: Check = _never("there is no backend of this device")
is_torch_xla_available: Check = _never("there is no backend of this device")
is_torch_hpu_available: Check = _never("there is no backend of this device")
is_torch_neuron_available: Check = _never("there is no backend of this device")
is_torch_neuroncore_available: Check = _never("there is no backend of this device")
is_torch_tpu_available: Check = _never("there is no backend of this device")
is_habana_gaudi1: Check = _never("there is no backend of this device")
is_torch_tf32_available: Check = _never("the engine does not compute in TF32")
is_fsdp_available: Check = _never("models are not sharded")
is_fsdp_enabled: Check = _never("models are not sharded")
is_fsdp_managed_module: Check = _never("models are not sharded")
is_deepspeed_zero3_enabled: Check = _never("models are not sharded")
is_sagemaker_dp_enabled: Check = _never("models are not distributed by SageMaker")
is_sagemaker_mp_enabled: Check = _never("models are not distributed by SageMaker")
is_torchdynamo_compiling: Check = _never("models are not traced")
is_torchdynamo_exporting: Check = _never("models are not traced")
is_torch_fx_proxy: Check = _never("models are not traced")
is_fake_tensor: Check = _never("models are not traced")
is_jax_jitting: Check = _never("models are not traced")
is_jit_tracing: Check = _never("models are not traced")
is_tracing: Check = _never("models are not traced")
is_cuda_stream_capturing: Check = _never("models are not captured")
is_xpu_stream_capturing: Check = _never("models are not captured")


def is_torch_cuda_available() -> bool:
    """Whether the installed engine has found an NVIDIA GPU."""
    return is_available("cuda")


def is_torch_mps_available(min_version: str | None = None) -> bool:
    """Whether the installed engine has found a GPU of Apple."""
    del min_version
    return is_available("metal")


def is_torch_accelerator_available() -> bool:
    """Whether the installed engine has found a GPU."""
    return any(is_available(kind) for kind in ("cuda", "rocm", "metal"))


def is_cuda_platform() -> bool:
    """Whether the installed engine has found an NVIDIA GPU."""
    return is_available("cuda")


def is_rocm_platform() -> bool:
    """Whether the installed engine has found an AMD GPU."""
    return is_available("rocm")


def is_torch_bf16_gpu_available() -> bool:
    """Whether the installed engine has found a GPU; it computes in bfloat16 on each."""
    return is_torch_accelerator_available()


def is_torch_bf16_available_on_device(device: str) -> bool:
    """Whether the engine computes in bfloat16 on a device."""
    return is_available(str(device).partition(":")[0])


def is_torch_fp16_available_on_device(device: str) -> bool:
    """Whether the engine computes in float16 on a device."""
    return is_available(str(device).partition(":")[0])


def is_torch_distributed_available() -> bool:
    """Whether torch is imported and has its package for distributed computing."""
    torch: Any = sys.modules.get("torch")
    return torch is not None and bool(torch.distributed.is_available())


def is_torch_deterministic() -> bool:
    """Whether torch is imported and restricted to deterministic algorithms."""
    torch: Any = sys.modules.get("torch")
    return torch is not None and bool(torch.get_deterministic_debug_mode() != 0)


def is_torch_greater_or_equal(library_version: str, accept_dev: bool = False) -> bool:
    """Whether torch is installed in this version or a later one."""
    return _at_least("torch", library_version, accept_dev)


def is_torch_less_or_equal(library_version: str, accept_dev: bool = False) -> bool:
    """Whether torch is installed in this version or an earlier one."""
    found = _version("torch")
    if found is None:
        return False
    found = found.partition("+")[0].partition(".dev")[0] if accept_dev else found
    return version_key(found) <= version_key(library_version)


def is_peft_greater_or_equal(library_version: str, accept_dev: bool = False) -> bool:
    """Whether peft is installed in this version or a later one."""
    return _at_least("peft", library_version, accept_dev)


def is_huggingface_hub_greater_or_equal(library_version: str, accept_dev: bool = False) -> bool:
    """Whether huggingface_hub is installed in this version or a later one."""
    return _at_least("huggingface_hub", library_version, accept_dev)


def is_tensorboard_available() -> bool:
    """Whether tensorboard or tensorboardX is installed."""
    return _is_installed("tensorboard") or _is_installed("tensorboardX")


def is_in_notebook() -> bool:
    """Whether the program runs in a Jupyter notebook, not in one of VS Code or a terminal."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None or "IPKernelApp" not in shell.config:
        return False
    return "VSCODE_PID" not in os.environ


def is_training_run_on_sagemaker() -> bool:
    """Whether the program runs as a job of SageMaker."""
    return "SAGEMAKER_JOB_NAME" in os.environ


def is_env_variable_true(env_variable: str) -> bool:
    """Whether an environment variable is set to true, 1, y, yes or on."""
    return os.getenv(env_variable, "false").lower() in ("true", "1", "y", "yes", "on")


def is_env_variable_false(env_variable: str) -> bool:
    """Whether an environment variable is set to false, 0, n, no or off."""
    return os.getenv(env_variable, "true").lower() in ("false", "0", "n", "no", "off")


def get_torch_version() -> str:
    """The version of the installed torch; "N/A" without one."""
    return _version("torch") or "N/A"


def requires_backends(obj: object, backends: str | list[str] | tuple[str, ...]) -> None:
    """Checks that packages are installed, by the names of their `is_..._available`.

    Raises
    ------
    ImportError
        One of them is not installed.
    """
    wanted = [backends] if isinstance(backends, str) else list(backends)
    missing = [name for name in wanted if not globals().get(f"is_{name}_available", partial(_is_installed, name))()]
    if missing:
        name = getattr(obj, "__name__", type(obj).__name__)
        raise ImportError(
            f"{name} requires {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not there"
        )
