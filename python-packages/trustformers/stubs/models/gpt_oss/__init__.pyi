"""Names of transformers.models.gpt_oss. Written by ci/python_stubs.py."""

from trustformers.models.gpt_oss.configuration_gpt_oss import *
from trustformers.models.gpt_oss.modeling_gpt_oss import *
