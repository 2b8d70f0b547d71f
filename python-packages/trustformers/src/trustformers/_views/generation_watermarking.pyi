"""Names of transformers.generation.watermarking. Written by ci/python_stubs.py."""

from trustformers.generation.config import WatermarkingConfig as WatermarkingConfig
from trustformers.generation.logits_process import SynthIDTextWatermarkLogitsProcessor as SynthIDTextWatermarkLogitsProcessor
from trustformers.generation.logits_process import WatermarkLogitsProcessor as WatermarkLogitsProcessor
from trustformers.models.base import PreTrainedModel as PreTrainedModel
from trustformers.models.configuration import PreTrainedConfig as PreTrainedConfig
from trustformers.models.outputs import ModelOutput as ModelOutput

__all__ = [
    "ModelOutput",
    "PreTrainedConfig",
    "PreTrainedModel",
    "SynthIDTextWatermarkLogitsProcessor",
    "WatermarkLogitsProcessor",
    "WatermarkingConfig",
]
