"""Names of transformers.models.opt. Written by ci/python_stubs.py."""

from trustformers.models.opt.configuration_opt import *
from trustformers.models.opt.modeling_opt import *
