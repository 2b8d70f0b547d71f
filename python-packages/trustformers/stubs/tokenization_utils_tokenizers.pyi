"""Names of transformers.tokenization_utils_tokenizers. Written by ci/python_stubs.py."""

from trustformers.tokenizers.fast import *
