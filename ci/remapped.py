"""Prints CARGO_ENCODED_RUSTFLAGS with which compiled messages name no folder of this machine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def prefixes() -> dict[Path, str]:
    """The name that replaces each folder in messages; of folders inside one another the last entry applies."""
    cargo = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo").resolve()
    found = {Path.home().resolve(): "home", cargo: "cargo", ROOT: "trustformers"}
    registry = cargo / "registry" / "src"
    return found | {registry: "crates"} | {folder: "crates" for folder in sorted(registry.glob("*"))}


def main() -> None:
    """Adds to the flags that the environment has."""
    flags = [f"--remap-path-prefix={folder}={name}" for folder, name in prefixes().items()]
    stated = os.environ.get("CARGO_ENCODED_RUSTFLAGS")
    flags = [*(stated.split("\x1f") if stated else os.environ.get("RUSTFLAGS", "").split()), *flags]
    sys.stdout.write("\x1f".join(flags))


if __name__ == "__main__":
    main()
