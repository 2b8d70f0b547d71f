"""Names of transformers.pipelines.text_classification. Written by ci/python_stubs.py."""

from trustformers.pipelines.classification import *
