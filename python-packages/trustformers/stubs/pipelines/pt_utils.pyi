"""Names of transformers.pipelines.pt_utils. Written by ci/python_stubs.py."""

from trustformers.pipelines.datasets import *
