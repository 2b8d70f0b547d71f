"""Names of transformers.models.deberta_v2. Written by ci/python_stubs.py."""

from trustformers.models.deberta_v2.configuration_deberta_v2 import *
from trustformers.models.deberta_v2.modeling_deberta_v2 import *
