"""Versions of packages, and what scripts require of them."""

from __future__ import annotations

import importlib.metadata
import operator
import re
import sys
from typing import TYPE_CHECKING, Any

from trustformers._version import TRANSFORMERS_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "check_min_version",
    "dep_version_check",
    "ops",
    "require_version",
    "require_version_core",
    "send_example_telemetry",
    "version_key",
]

ops: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
_VERSION = re.compile(
    r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)[-_.]?(?:(a|alpha|b|beta|c|rc|pre|preview)[-_.]?(\d*))?"
    r"(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+[a-z0-9._-]+)?",
    re.IGNORECASE,
)
_PRE = {"a": 0, "alpha": 0, "b": 1, "beta": 1}
_REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[^\]]*\])?\s*((?:[!=<>]{1,2}\s*[^\s,!=<>]+\s*,?\s*)*)")
_CONDITION = re.compile(r"([!=<>]+)\s*([^\s,]+)")
_FINAL = 4


def version_key(version: str) -> tuple[Any, ...]:
    """The key that orders versions as PEP 440 does.

    Raises
    ------
    ValueError
        The text is not a version.
    """
    match = _VERSION.fullmatch(version.strip())
    if match is None:
        raise ValueError(f"version: expected a version such as 1.2.3, found {version!r}")
    epoch, numbers, pre, pre_number, implicit_post, post, dev, dev_number = match.groups()
    release = tuple(int(number) for number in numbers.split("."))
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    has_post = implicit_post is not None or post is not None
    # A development version without a stage comes before all stages.
    stage = _PRE.get(pre.lower(), 2) if pre else -1 if dev and not has_post else _FINAL
    after = int(implicit_post or post or 0) if has_post else -1
    return (int(epoch or 0), release, stage, int(pre_number or 0), after, dev is None, int(dev_number or 0))


def check_min_version(min_version: str) -> None:
    """Checks that the release of transformers that trustformers follows is as new as a script wants.

    Raises
    ------
    ImportError
        It is older.
    """
    if version_key(TRANSFORMERS_VERSION) < version_key(min_version):
        raise ImportError(
            f"transformers {min_version} or later is required; trustformers follows transformers {TRANSFORMERS_VERSION}"
        )


def require_version(requirement: str, hint: str | None = None) -> None:
    """Checks that a package is installed in the required versions.

    Parameters
    ----------
    requirement
        A package and, if wanted, its versions: "numpy", "numpy>=1.24", "numpy>=1.24,<3"; "python" is the interpreter.
    hint
        Advice for the message of the error.

    Raises
    ------
    ValueError
        The requirement cannot be read.
    importlib.metadata.PackageNotFoundError
        The package is not installed.
    ImportError
        It is installed in another version.
    """
    match = _REQUIREMENT.fullmatch(requirement.strip())
    if match is None:
        raise ValueError(f"requirement: expected a package and versions such as numpy>=1.24, found {requirement!r}")
    package, versions = match.groups()
    advice = "" if hint is None else f"\n{hint}"
    found = (
        ".".join(map(str, sys.version_info[:3])) if package == "python" else _installed(package, requirement, advice)
    )
    for symbol, version in _CONDITION.findall(versions):
        if symbol not in ops:
            raise ValueError(f"requirement: expected one of {', '.join(ops)}, found {requirement!r}")
        if not ops[symbol](version_key(found), version_key(version)):
            raise ImportError(f"{requirement} is required, but {package} {found} is installed{advice}")


def _installed(package: str, requirement: str, advice: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        raise importlib.metadata.PackageNotFoundError(f"{requirement}, which is not installed{advice}") from None


def require_version_core(requirement: str) -> None:
    """As `require_version`, with the advice to upgrade trustformers."""
    require_version(requirement, "pip install -U trustformers")


def dep_version_check(pkg: str, hint: str | None = None) -> None:
    """As `require_version` for a package in any version."""
    require_version(pkg, hint)


def send_example_telemetry(*_args: Any, **_kwargs: Any) -> None:
    """Sends nothing: trustformers collects no telemetry."""
