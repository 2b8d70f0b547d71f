"""What transformers.pipelines.feature_extraction has. Written by ci/python_stubs.py."""

from trustformers.pipelines.vectors import *
