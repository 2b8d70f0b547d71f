"""Names of transformers.dynamic_module_utils. Written by ci/python_stubs.py."""

from trustformers.utils import logging as logging
from trustformers.utils.hub_files import cached_file as cached_file
from trustformers.utils.hub_files import extract_commit_hash as extract_commit_hash
from trustformers.utils.refused import custom_object_save as custom_object_save
from trustformers.utils.refused import get_class_from_dynamic_module as get_class_from_dynamic_module
from trustformers.utils.refused import get_relative_import_files as get_relative_import_files

__all__ = [
    "cached_file",
    "custom_object_save",
    "extract_commit_hash",
    "get_class_from_dynamic_module",
    "get_relative_import_files",
    "logging",
]
