"""What transformers.tokenization_utils_base has. Written by ci/python_stubs.py."""

from trustformers.tokenizers import *
