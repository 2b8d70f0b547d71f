"""What transformers.utils.chat_template_utils has. Written by ci/python_stubs.py."""

from trustformers.tokenizers.tool_schemas import *
