"""Names of transformers.utils.doc. Written by ci/python_stubs.py."""

from trustformers.utils.callables import copy_func as copy_func
from trustformers.utils.docstrings import add_code_sample_docstrings as add_code_sample_docstrings
from trustformers.utils.docstrings import add_end_docstrings as add_end_docstrings
from trustformers.utils.docstrings import add_start_docstrings as add_start_docstrings
from trustformers.utils.docstrings import add_start_docstrings_to_model_forward as add_start_docstrings_to_model_forward
from trustformers.utils.docstrings import replace_return_docstrings as replace_return_docstrings

__all__ = [
    "add_code_sample_docstrings",
    "add_end_docstrings",
    "add_start_docstrings",
    "add_start_docstrings_to_model_forward",
    "copy_func",
    "replace_return_docstrings",
]
