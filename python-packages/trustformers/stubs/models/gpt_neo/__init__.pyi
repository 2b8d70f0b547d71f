"""Names of transformers.models.gpt_neo. Written by ci/python_stubs.py."""

from trustformers.models.gpt_neo.configuration_gpt_neo import *
from trustformers.models.gpt_neo.modeling_gpt_neo import *
