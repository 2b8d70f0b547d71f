"""Names of transformers.models.data2vec. Written by ci/python_stubs.py."""

from trustformers.models.data2vec.configuration_data2vec_text import *
from trustformers.models.data2vec.modeling_data2vec_text import *
