"""What users of transformers import from `transformers.utils`."""

from trustformers.models.outputs import ModelOutput
from trustformers.tokenizers.tool_schemas import get_json_schema
from trustformers.utils import import_utils, logging
from trustformers.utils.import_utils import *  # noqa: F403  # the module lists its names

__all__ = ["ModelOutput", "get_json_schema", "logging"]
__all__ += import_utils.__all__
