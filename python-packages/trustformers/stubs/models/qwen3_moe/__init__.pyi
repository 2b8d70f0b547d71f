"""Names of transformers.models.qwen3_moe. Written by ci/python_stubs.py."""

from trustformers.models.qwen3_moe.configuration_qwen3_moe import *
from trustformers.models.qwen3_moe.modeling_qwen3_moe import *
