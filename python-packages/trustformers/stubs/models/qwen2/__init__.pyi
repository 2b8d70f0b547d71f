"""Names of transformers.models.qwen2. Written by ci/python_stubs.py."""

from trustformers.models.qwen2.configuration_qwen2 import *
from trustformers.models.qwen2.modeling_qwen2 import *
