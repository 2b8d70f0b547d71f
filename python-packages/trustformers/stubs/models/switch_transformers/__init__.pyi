"""Names of transformers.models.switch_transformers. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import SwitchTransformersConfig as SwitchTransformersConfig

__all__ = [
    "SwitchTransformersConfig",
]
