"""Names of transformers.models.blenderbot. Written by ci/python_stubs.py."""

from trustformers.models.families import BlenderbotConfig as BlenderbotConfig
from trustformers.models.families import BlenderbotForConditionalGeneration as BlenderbotForConditionalGeneration
from trustformers.models.families import BlenderbotModel as BlenderbotModel
from trustformers.models.families import BlenderbotPreTrainedModel as BlenderbotPreTrainedModel
from trustformers.tokenizers.families import BlenderbotTokenizer as BlenderbotTokenizer

__all__ = [
    "BlenderbotConfig",
    "BlenderbotForConditionalGeneration",
    "BlenderbotModel",
    "BlenderbotPreTrainedModel",
    "BlenderbotTokenizer",
]
