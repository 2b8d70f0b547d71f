"""Names of transformers.models.blenderbot_small. Written by ci/python_stubs.py."""

from trustformers.models.families import BlenderbotSmallConfig as BlenderbotSmallConfig
from trustformers.models.families import BlenderbotSmallForConditionalGeneration as BlenderbotSmallForConditionalGeneration
from trustformers.models.families import BlenderbotSmallModel as BlenderbotSmallModel
from trustformers.models.families import BlenderbotSmallPreTrainedModel as BlenderbotSmallPreTrainedModel
from trustformers.tokenizers.families import BlenderbotSmallTokenizer as BlenderbotSmallTokenizer

__all__ = [
    "BlenderbotSmallConfig",
    "BlenderbotSmallForConditionalGeneration",
    "BlenderbotSmallModel",
    "BlenderbotSmallPreTrainedModel",
    "BlenderbotSmallTokenizer",
]
