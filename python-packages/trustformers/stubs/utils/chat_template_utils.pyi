"""Names of transformers.utils.chat_template_utils. Written by ci/python_stubs.py."""

from trustformers.tokenizers.tool_schemas import *
