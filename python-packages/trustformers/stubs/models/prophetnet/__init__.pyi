"""Names of transformers.models.prophetnet. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import ProphetNetConfig as ProphetNetConfig

__all__ = [
    "ProphetNetConfig",
]
