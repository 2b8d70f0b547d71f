"""Names of transformers.pipelines.feature_extraction. Written by ci/python_stubs.py."""

from trustformers.pipelines.vectors import *
