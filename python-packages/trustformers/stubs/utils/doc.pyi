"""Names of transformers.utils.doc. Written by ci/python_stubs.py."""

from trustformers.utils.callables import copy_func as copy_func

__all__ = [
    "copy_func",
]
