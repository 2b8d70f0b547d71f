"""Names of transformers.tokenization_utils. Written by ci/python_stubs.py."""

from trustformers.tokenizers import *
