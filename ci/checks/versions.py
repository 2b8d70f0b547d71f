"""Fails unless every package states the version of the Cargo workspace."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def stated(file: Path, pattern: str) -> list[str]:
    """The versions that a file states; at least one."""
    found = re.findall(pattern, file.read_text(), re.MULTILINE)
    if not found:
        sys.exit(f"{file}: states no version")
    return found


def main() -> None:
    version = stated(ROOT / "Cargo.toml", r'^version = "(.+)"$')[0]
    package = ROOT / "python-packages" / "trustformers"
    places = [
        (package / "src/trustformers/_version.py", r'^__version__ = "(.+)"$'),
        *((file, r'^version = "(.+)"$') for file in sorted(package.parent.glob("trustformers*/pyproject.toml"))),
        *(
            (file, r'"trustformers[a-z-]*==([^";]+)[";]')
            for file in sorted(package.parent.glob("trustformers*/pyproject.toml"))
        ),
        (ROOT / "bindgen" / "uniffi" / "kotlin" / "pom.xml", r"^  <version>(.+)</version>$"),
        *((file, r'^  version: "(.+)"$') for file in sorted((ROOT / "conda-recipes").glob("*/recipe.yaml"))),
    ]
    wrong = [
        f"{file.relative_to(ROOT)}: {found}"
        for file, pattern in places
        for found in stated(file, pattern)
        if found != version
    ]
    if wrong:
        sys.exit(f"the workspace's version is {version}, but\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
