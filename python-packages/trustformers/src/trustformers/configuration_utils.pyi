"""What transformers.configuration_utils has. Written by ci/python_stubs.py."""

from trustformers.models.configuration import *
