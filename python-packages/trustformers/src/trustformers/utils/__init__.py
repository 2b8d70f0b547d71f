"""What users of transformers import from `transformers.utils`."""

from trustformers.models.outputs import ModelOutput
from trustformers.tokenizers.tool_schemas import get_json_schema
from trustformers.utils import logging

__all__ = ["ModelOutput", "get_json_schema", "logging"]
