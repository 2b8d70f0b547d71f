"""What transformers.tokenization_utils_tokenizers has. Written by ci/python_stubs.py."""

from trustformers.tokenizers.fast import *
