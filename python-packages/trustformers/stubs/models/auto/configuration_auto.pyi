"""Names of transformers.models.auto.configuration_auto. Written by ci/python_stubs.py."""

from trustformers.models.configuration import AutoConfig as AutoConfig

__all__ = [
    "AutoConfig",
]
