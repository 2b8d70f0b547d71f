"""Names of transformers.models.glm4. Written by ci/python_stubs.py."""

from trustformers.models.glm4.configuration_glm4 import *
from trustformers.models.glm4.modeling_glm4 import *
