"""Names of transformers.quantizers. Written by ci/python_stubs.py."""

from trustformers.models.quantization_configs import AutoQuantizationConfig as AutoQuantizationConfig

__all__ = [
    "AutoQuantizationConfig",
]
