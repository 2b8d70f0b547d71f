"""Names of transformers.models.bloom. Written by ci/python_stubs.py."""

from trustformers.models.bloom.configuration_bloom import *
from trustformers.models.bloom.modeling_bloom import *
