"""Names of transformers.pipelines.pt_utils. Written by ci/python_stubs.py."""

from trustformers.models.outputs import ModelOutput as ModelOutput

__all__ = [
    "ModelOutput",
]
