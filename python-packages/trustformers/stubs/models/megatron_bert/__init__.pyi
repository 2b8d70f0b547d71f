"""Names of transformers.models.megatron_bert. Written by ci/python_stubs.py."""

from trustformers.models.megatron_bert.configuration_megatron_bert import *
from trustformers.models.megatron_bert.modeling_megatron_bert import *
