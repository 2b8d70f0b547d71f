"""Names of transformers.integrations.fp_quant. Written by ci/python_stubs.py."""

from trustformers.utils.availability import is_fp_quant_available as is_fp_quant_available

__all__ = [
    "is_fp_quant_available",
]
