"""Names of transformers.cache_utils. Written by ci/python_stubs.py."""

from trustformers.models.cache import *
