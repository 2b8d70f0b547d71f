"""Names of transformers.models.distilbert. Written by ci/python_stubs.py."""

from trustformers.models.distilbert.configuration_distilbert import *
from trustformers.models.distilbert.modeling_distilbert import *
