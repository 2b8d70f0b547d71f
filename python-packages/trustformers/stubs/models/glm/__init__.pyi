"""Names of transformers.models.glm. Written by ci/python_stubs.py."""

from trustformers.models.glm.configuration_glm import *
from trustformers.models.glm.modeling_glm import *
