"""Copies the modules that cargo built to where Python finds them, as if trustformers-cpu were installed.

python ci/dev.py LIBRARIES TARGET      # the folder of cargo's libraries, and the one that goes on PYTHONPATH
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNTIME = ROOT / "python-packages" / "trustformers-cpu"
# File names of a library of cargo, and endings of a Python module.
NAMES = {"linux": ("lib{}.so", ".so"), "darwin": ("lib{}.dylib", ".so"), "win32": ("{}.dll", ".pyd")}


def main() -> None:
    libraries, target = Path(sys.argv[1]), Path(sys.argv[2])
    library, ending = NAMES[sys.platform]
    version = re.search(r'^version = "([^"]+)"', (RUNTIME / "pyproject.toml").read_text(), re.M)
    if version is None:
        raise ValueError(f"{RUNTIME / 'pyproject.toml'}: no version")
    package, metadata = target / "trustformers_cpu", target / f"trustformers_cpu-{version[1]}.dist-info"
    for folder in (package, metadata):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(RUNTIME / "python" / "trustformers_cpu" / "__init__.py", package)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: trustformers-cpu\nVersion: {version[1]}\n")
    (metadata / "entry_points.txt").write_text("[trustformers.backends]\ncpu = trustformers_cpu._native\n")
    for built, module in {
        "trustformers_cpu_native": package / f"_native{ending}",
        "trustformers_stubs": target / f"trustformers_stubs{ending}",
    }.items():
        # A new file, for an interpreter may have the old one open.
        module.unlink(missing_ok=True)
        shutil.copy(libraries / library.format(built), module)


if __name__ == "__main__":
    main()
