"""Names of transformers.models.data2vec.configuration_data2vec_text. Written by ci/python_stubs.py."""

from trustformers.models.families import Data2VecTextConfig as Data2VecTextConfig

__all__ = [
    "Data2VecTextConfig",
]
