"""Names of transformers.trainer_utils. Written by ci/python_stubs.py."""

from trustformers.runtime.seed import *
