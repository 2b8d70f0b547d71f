"""Names of transformers.pipelines.decision. Written by ci/python_stubs.py."""

from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings

__all__ = [
    "Pipeline",
    "add_end_docstrings",
    "is_torch_available",
]
