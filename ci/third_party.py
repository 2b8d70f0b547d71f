"""Writes the crates of a native wheel with their licences, and the texts of the licences.

python ci/third_party.py trustformers-cuda > THIRD-PARTY-LICENSES.txt
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAMES = ("license", "licence", "copying", "notice", "unlicense", "copyright")


def cargo(*arguments: str) -> str:
    """The output of cargo."""
    return subprocess.check_output(["cargo", *arguments], cwd=ROOT, text=True)


def crates(package: str) -> list[tuple[str, str, str, Path]]:
    """Name, version, licence and source of each crate that is linked into the package."""
    tree = cargo("tree", "--locked", "-p", package, "-e", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}")
    linked = {tuple(line.split()[:2]) for line in tree.splitlines() if line.strip()}
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1"))
    found = []
    for entry in metadata["packages"]:
        source = Path(entry["manifest_path"]).parent
        if (entry["name"], f"v{entry['version']}") in linked and entry["source"]:
            found.append((entry["name"], entry["version"], entry["license"] or "see below", source))
    return sorted(found)


def main() -> None:
    found = crates(sys.argv[1])
    texts: dict[str, list[str]] = {}
    print(f"Crates inside {sys.argv[1]}\n")
    for name, version, licence, source in found:
        print(f"{name} {version}: {licence}")
        files = (file for file in sorted(source.iterdir()) if file.is_file() and file.name.lower().startswith(NAMES))
        for file in files:
            text = "\n".join(line.rstrip() for line in file.read_text(errors="replace").strip().splitlines())
            texts.setdefault(text, []).append(f"{name} {version} ({file.name})")
    for text, owners in texts.items():
        print(f"\n{'-' * 80}\n{', '.join(owners)}\n\n{text}")


if __name__ == "__main__":
    main()
