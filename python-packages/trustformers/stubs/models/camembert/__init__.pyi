"""Names of transformers.models.camembert. Written by ci/python_stubs.py."""

from trustformers.models.camembert.configuration_camembert import *
from trustformers.models.camembert.modeling_camembert import *
