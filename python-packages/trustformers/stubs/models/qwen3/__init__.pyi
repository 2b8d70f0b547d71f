"""Names of transformers.models.qwen3. Written by ci/python_stubs.py."""

from trustformers.models.qwen3.configuration_qwen3 import *
from trustformers.models.qwen3.modeling_qwen3 import *
