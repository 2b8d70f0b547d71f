"""Names of transformers.models.gpt_oss.configuration_gpt_oss. Written by ci/python_stubs.py."""

from trustformers.models.families import (
    GptOssConfig as GptOssConfig,
)
