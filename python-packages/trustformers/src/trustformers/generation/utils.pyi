"""What transformers.generation.utils has. Written by ci/python_stubs.py."""

from trustformers.generation.mixin import *
