"""Names of transformers.models.hunyuan_v1_dense. Written by ci/python_stubs.py."""

from trustformers.models.hunyuan_v1_dense.configuration_hunyuan_v1_dense import *
from trustformers.models.hunyuan_v1_dense.modeling_hunyuan_v1_dense import *
