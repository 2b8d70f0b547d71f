"""Names of transformers.models.udop.configuration_udop. Written by ci/python_stubs.py."""

from trustformers.utils.other_families import UdopConfig as UdopConfig

__all__ = [
    "UdopConfig",
]
