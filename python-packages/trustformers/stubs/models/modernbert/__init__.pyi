"""Names of transformers.models.modernbert. Written by ci/python_stubs.py."""

from trustformers.models.modernbert.configuration_modernbert import *
from trustformers.models.modernbert.modeling_modernbert import *
