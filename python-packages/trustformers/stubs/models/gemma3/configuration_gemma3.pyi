"""Names of transformers.models.gemma3.configuration_gemma3. Written by ci/python_stubs.py."""

from trustformers.models.families import Gemma3TextConfig as Gemma3TextConfig

__all__ = [
    "Gemma3TextConfig",
]
