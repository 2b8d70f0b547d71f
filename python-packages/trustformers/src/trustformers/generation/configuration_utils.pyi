"""What transformers.generation.configuration_utils has. Written by ci/python_stubs.py."""

from trustformers.generation.config import *
