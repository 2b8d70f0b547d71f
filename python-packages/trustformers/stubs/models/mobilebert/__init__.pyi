"""Names of transformers.models.mobilebert. Written by ci/python_stubs.py."""

from trustformers.models.mobilebert.configuration_mobilebert import *
from trustformers.models.mobilebert.modeling_mobilebert import *
