"""Names of transformers.pipelines.zero_shot_classification. Written by ci/python_stubs.py."""

from trustformers.pipelines.classification import ZeroShotClassificationPipeline as ZeroShotClassificationPipeline
from trustformers.utils import logging as logging
from trustformers.utils.enums import TruncationStrategy as TruncationStrategy

__all__ = [
    "TruncationStrategy",
    "ZeroShotClassificationPipeline",
    "logging",
]
