"""Names of transformers.models.marian. Written by ci/python_stubs.py."""

from trustformers.models.families import MarianConfig as MarianConfig
from trustformers.models.families import MarianMTModel as MarianMTModel
from trustformers.models.families import MarianModel as MarianModel
from trustformers.models.families import MarianPreTrainedModel as MarianPreTrainedModel
from trustformers.tokenizers.families import MarianTokenizer as MarianTokenizer

__all__ = [
    "MarianConfig",
    "MarianMTModel",
    "MarianModel",
    "MarianPreTrainedModel",
    "MarianTokenizer",
]
