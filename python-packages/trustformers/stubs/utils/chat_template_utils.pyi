"""Names of transformers.utils.chat_template_utils. Written by ci/python_stubs.py."""

from trustformers.tokenizers.tool_schemas import get_json_schema as get_json_schema
from trustformers.utils import logging as logging
from trustformers.utils.availability import is_jinja_available as is_jinja_available
from trustformers.utils.availability import is_torch_available as is_torch_available
from trustformers.utils.availability import is_vision_available as is_vision_available

__all__ = [
    "get_json_schema",
    "is_jinja_available",
    "is_torch_available",
    "is_vision_available",
    "logging",
]
