"""Names of transformers.models.qwen2_moe. Written by ci/python_stubs.py."""

from trustformers.models.qwen2_moe.configuration_qwen2_moe import *
from trustformers.models.qwen2_moe.modeling_qwen2_moe import *
