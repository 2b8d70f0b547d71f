"""Names of transformers.models.falcon. Written by ci/python_stubs.py."""

from trustformers.models.falcon.configuration_falcon import *
from trustformers.models.falcon.modeling_falcon import *
