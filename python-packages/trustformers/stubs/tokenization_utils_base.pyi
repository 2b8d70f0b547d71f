"""Names of transformers.tokenization_utils_base. Written by ci/python_stubs.py."""

from trustformers.tokenizers import *
