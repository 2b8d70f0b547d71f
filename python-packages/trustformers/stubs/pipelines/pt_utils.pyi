"""Names of transformers.pipelines.pt_utils. Written by ci/python_stubs.py."""

from trustformers.models.outputs import ModelOutput as ModelOutput
from trustformers.pipelines.datasets import KeyDataset as KeyDataset
from trustformers.pipelines.datasets import KeyPairDataset as KeyPairDataset

__all__ = [
    "KeyDataset",
    "KeyPairDataset",
    "ModelOutput",
]
