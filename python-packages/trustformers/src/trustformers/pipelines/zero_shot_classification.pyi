"""What transformers.pipelines.zero_shot_classification has. Written by ci/python_stubs.py."""

from trustformers.pipelines.classification import *
