"""Names of transformers.pipelines.decision. Written by ci/python_stubs.py."""

from trustformers.pipelines.base import Pipeline as Pipeline

__all__ = [
    "Pipeline",
]
