"""What transformers.pipelines.text_classification has. Written by ci/python_stubs.py."""

from trustformers.pipelines.classification import *
