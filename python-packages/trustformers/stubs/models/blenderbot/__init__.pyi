"""Names of transformers.models.blenderbot. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import BlenderbotTokenizer as BlenderbotTokenizer
from trustformers.utils.other_families import BlenderbotConfig as BlenderbotConfig

__all__ = [
    "BlenderbotConfig",
    "BlenderbotTokenizer",
]
