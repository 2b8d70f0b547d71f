"""Names of transformers.utils.chat_template_utils. Written by ci/python_stubs.py."""

from trustformers.tokenizers.tool_schemas import get_json_schema as get_json_schema
from trustformers.utils import logging as logging

__all__ = [
    "get_json_schema",
    "logging",
]
