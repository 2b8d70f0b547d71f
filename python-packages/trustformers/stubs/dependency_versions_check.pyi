"""Names of transformers.dependency_versions_check. Written by ci/python_stubs.py."""

from trustformers.utils.requirements import dep_version_check as dep_version_check
from trustformers.utils.requirements import require_version as require_version
from trustformers.utils.requirements import require_version_core as require_version_core

__all__ = [
    "dep_version_check",
    "require_version",
    "require_version_core",
]
