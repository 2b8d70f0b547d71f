"""Names of transformers.utils.generic. Written by ci/python_stubs.py."""

from trustformers.models.outputs import *
