"""Names of transformers.models.albert. Written by ci/python_stubs.py."""

from trustformers.models.albert.configuration_albert import *
from trustformers.models.albert.modeling_albert import *
