"""What transformers.cache_utils has. Written by ci/python_stubs.py."""

from trustformers.models.cache import *
