"""Names of transformers.models.pegasus. Written by ci/python_stubs.py."""

from trustformers.models.families import PegasusConfig as PegasusConfig
from trustformers.models.families import PegasusForConditionalGeneration as PegasusForConditionalGeneration
from trustformers.models.families import PegasusModel as PegasusModel
from trustformers.models.families import PegasusPreTrainedModel as PegasusPreTrainedModel
from trustformers.tokenizers.families import PegasusTokenizer as PegasusTokenizer

__all__ = [
    "PegasusConfig",
    "PegasusForConditionalGeneration",
    "PegasusModel",
    "PegasusPreTrainedModel",
    "PegasusTokenizer",
]
