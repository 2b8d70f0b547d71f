"""Names of transformers.models.mpnet. Written by ci/python_stubs.py."""

from trustformers.models.mpnet.configuration_mpnet import *
from trustformers.models.mpnet.modeling_mpnet import *
