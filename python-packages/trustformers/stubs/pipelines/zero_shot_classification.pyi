"""Names of transformers.pipelines.zero_shot_classification. Written by ci/python_stubs.py."""

from trustformers.pipelines.classification import *
