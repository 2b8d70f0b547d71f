"""Writes the native wheel packages from this template.

python python-packages/runtime-template/generate.py [BACKEND ...]
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).parent
PACKAGES = TEMPLATE.parent
WORKSPACE = PACKAGES.parent / "Cargo.toml"

# What each wheel adds to the cpu backend, which all of them contain.
BACKENDS = {
    "cpu": {"features": "", "summary": "cpu backend"},
}


def workspace_version() -> str:
    found = re.search(r'^version = "(.+)"$', WORKSPACE.read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{WORKSPACE} states no version")
    return found[1]


def generate(backend: str) -> None:
    values = {
        "backend": backend,
        "summary": BACKENDS[backend]["summary"],
        "features": BACKENDS[backend]["features"],
        "version": workspace_version(),
    }
    target = PACKAGES / f"trustformers-{backend}"
    for source in sorted(TEMPLATE.rglob("*.in")):
        relative = Path(str(source.relative_to(TEMPLATE)).removesuffix(".in").replace("BACKEND", backend))
        file = target / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(source.read_text()).substitute(values))
        print(file.relative_to(PACKAGES.parent))


if __name__ == "__main__":
    for name in sys.argv[1:] or BACKENDS:
        generate(name)
