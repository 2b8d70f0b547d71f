"""Names of transformers.tokenization_utils. Written by ci/python_stubs.py."""

from trustformers.utils.availability import requires_backends as requires_backends

__all__ = [
    "requires_backends",
]
