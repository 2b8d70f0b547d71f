"""Names of transformers.tokenization_utils_fast. Written by ci/python_stubs.py."""

from trustformers.tokenizers.fast import *
