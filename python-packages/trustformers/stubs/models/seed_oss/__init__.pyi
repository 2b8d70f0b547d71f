"""Names of transformers.models.seed_oss. Written by ci/python_stubs.py."""

from trustformers.models.seed_oss.configuration_seed_oss import *
from trustformers.models.seed_oss.modeling_seed_oss import *
