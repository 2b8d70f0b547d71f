"""Names of transformers.models.xglm. Written by ci/python_stubs.py."""

from trustformers.tokenizers.families import XGLMTokenizer as XGLMTokenizer

__all__ = [
    "XGLMTokenizer",
]
