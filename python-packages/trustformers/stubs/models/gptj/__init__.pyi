"""Names of transformers.models.gptj. Written by ci/python_stubs.py."""

from trustformers.models.gptj.configuration_gptj import *
from trustformers.models.gptj.modeling_gptj import *
