"""Which optional packages are installed."""

from __future__ import annotations

from importlib.util import find_spec

from trustformers.runtime.backends import is_available

__all__ = [
    "is_accelerate_available",
    "is_bitsandbytes_available",
    "is_datasets_available",
    "is_flash_attn_2_available",
    "is_flax_available",
    "is_peft_available",
    "is_safetensors_available",
    "is_scipy_available",
    "is_sentencepiece_available",
    "is_sklearn_available",
    "is_tf_available",
    "is_tokenizers_available",
    "is_torch_available",
    "is_torch_cuda_available",
]


def _is_installed(package: str) -> bool:
    return find_spec(package) is not None


def is_torch_available() -> bool:
    """Whether torch is installed; `trustformers` does not need it."""
    return _is_installed("torch")


def is_torch_cuda_available() -> bool:
    """Whether the installed engine has found an NVIDIA GPU."""
    return is_available("cuda")


def is_tf_available() -> bool:
    """Whether TensorFlow is supported; it is not."""
    return False


def is_flax_available() -> bool:
    """Whether Flax is supported; it is not."""
    return False


def is_flash_attn_2_available() -> bool:
    """Whether the package flash-attn is used; it is not."""
    return False


def is_tokenizers_available() -> bool:
    """Whether fast tokenizers exist; they are part of the engine."""
    return True


def is_safetensors_available() -> bool:
    """Whether safetensors files are read; the engine does."""
    return True


def is_sentencepiece_available() -> bool:
    """Whether the package sentencepiece is installed; `trustformers` does not need it."""
    return _is_installed("sentencepiece")


def is_accelerate_available() -> bool:
    """Whether the package accelerate is installed; `trustformers` does not need it."""
    return _is_installed("accelerate")


def is_bitsandbytes_available() -> bool:
    """Whether the package bitsandbytes is installed; `trustformers` does not need it."""
    return _is_installed("bitsandbytes")


def is_datasets_available() -> bool:
    """Whether the package datasets is installed."""
    return _is_installed("datasets")


def is_peft_available() -> bool:
    """Whether the package peft is installed."""
    return _is_installed("peft")


def is_scipy_available() -> bool:
    """Whether the package scipy is installed."""
    return _is_installed("scipy")


def is_sklearn_available() -> bool:
    """Whether the package scikit-learn is installed."""
    return _is_installed("sklearn")
