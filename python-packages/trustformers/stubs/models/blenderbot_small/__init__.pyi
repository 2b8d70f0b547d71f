"""Names of transformers.models.blenderbot_small. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BlenderbotSmallTokenizer as BlenderbotSmallTokenizer
from trustformers.utils.other_families import BlenderbotSmallConfig as BlenderbotSmallConfig

__all__ = [
    "BlenderbotSmallConfig",
    "BlenderbotSmallTokenizer",
]
