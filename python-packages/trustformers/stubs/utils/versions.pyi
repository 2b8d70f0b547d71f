"""Names of transformers.utils.versions. Written by ci/python_stubs.py."""

from trustformers.utils.requirements import ops as ops
from trustformers.utils.requirements import require_version as require_version
from trustformers.utils.requirements import require_version_core as require_version_core

__all__ = [
    "ops",
    "require_version",
    "require_version_core",
]
