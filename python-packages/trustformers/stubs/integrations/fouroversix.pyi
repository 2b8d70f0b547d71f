"""Names of transformers.integrations.fouroversix. Written by ci/python_stubs.py."""

from trustformers.utils.availability import is_fouroversix_available as is_fouroversix_available

__all__ = [
    "is_fouroversix_available",
]
