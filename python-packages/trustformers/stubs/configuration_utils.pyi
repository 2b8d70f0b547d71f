"""Names of transformers.configuration_utils. Written by ci/python_stubs.py."""

from trustformers.models.configuration import *
