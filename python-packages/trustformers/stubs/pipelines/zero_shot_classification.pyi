"""Names of transformers.pipelines.zero_shot_classification. Written by ci/python_stubs.py."""

from trustformers.pipelines.base import ArgumentHandler as ArgumentHandler
from trustformers.pipelines.base import ChunkPipeline as ChunkPipeline
from trustformers.pipelines.classification import ZeroShotClassificationArgumentHandler as ZeroShotClassificationArgumentHandler
from trustformers.pipelines.classification import ZeroShotClassificationPipeline as ZeroShotClassificationPipeline
from trustformers.utils import logging as logging
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.enums import TruncationStrategy as TruncationStrategy

__all__ = [
    "ArgumentHandler",
    "ChunkPipeline",
    "TruncationStrategy",
    "ZeroShotClassificationArgumentHandler",
    "ZeroShotClassificationPipeline",
    "add_end_docstrings",
    "logging",
]
