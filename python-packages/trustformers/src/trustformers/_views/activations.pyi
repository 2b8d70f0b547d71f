"""Names of transformers.activations. Written by ci/python_stubs.py."""

from trustformers.utils.availability import is_torchdynamo_compiling as is_torchdynamo_compiling

__all__ = [
    "is_torchdynamo_compiling",
]
