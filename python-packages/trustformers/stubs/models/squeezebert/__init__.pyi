"""Names of transformers.models.squeezebert. Written by ci/python_stubs.py."""

from trustformers.models.squeezebert.configuration_squeezebert import *
from trustformers.models.squeezebert.modeling_squeezebert import *
