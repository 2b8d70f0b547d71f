"""Names of transformers.generation.logits_process. Written by ci/python_stubs.py."""

from trustformers.generation.config import GenerationConfig as GenerationConfig
from trustformers.utils.docstrings import add_start_docstrings as add_start_docstrings

__all__ = [
    "GenerationConfig",
    "add_start_docstrings",
]
