"""Names of transformers.file_utils. Written by ci/python_stubs.py."""

from trustformers.models.outputs import *
