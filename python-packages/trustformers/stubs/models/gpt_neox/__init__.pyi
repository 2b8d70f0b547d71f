"""Names of transformers.models.gpt_neox. Written by ci/python_stubs.py."""

from trustformers.models.gpt_neox.configuration_gpt_neox import *
from trustformers.models.gpt_neox.modeling_gpt_neox import *
