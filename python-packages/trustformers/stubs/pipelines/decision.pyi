"""Names of transformers.pipelines.decision. Written by ci/python_stubs.py."""

from trustformers.pipelines.base import Pipeline as Pipeline
from trustformers.utils.availability import is_torch_available as is_torch_available

__all__ = [
    "Pipeline",
    "is_torch_available",
]
