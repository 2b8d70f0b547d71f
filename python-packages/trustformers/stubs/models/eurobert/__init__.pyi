"""Names of transformers.models.eurobert. Written by ci/python_stubs.py."""

from trustformers.models.eurobert.configuration_eurobert import *
from trustformers.models.eurobert.modeling_eurobert import *
