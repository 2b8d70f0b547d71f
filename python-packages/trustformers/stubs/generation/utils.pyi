"""Names of transformers.generation.utils. Written by ci/python_stubs.py."""

from trustformers.generation.mixin import *
