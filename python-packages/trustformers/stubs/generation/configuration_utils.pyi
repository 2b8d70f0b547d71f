"""Names of transformers.generation.configuration_utils. Written by ci/python_stubs.py."""

from trustformers.generation.config import *
