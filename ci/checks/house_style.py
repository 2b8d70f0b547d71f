"""Fails on breaches of the house style that no linter finds: misplaced backend names, files that are too large."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LARGE_FILES = Path(__file__).parent / "large-files.txt"
MAX_LINES = 800
BACKEND_CFG = re.compile(r'feature = "(candle|cuda|rocm|vulkan|metal)"')
MAY_NAME_BACKENDS = ("engine/ops/", "engine/trustformers/", "python-packages/")


def main() -> None:
    tracked = subprocess.check_output(["git", "ls-files", "*.rs", "*.py"], cwd=ROOT, text=True).split()
    entries = [line for line in LARGE_FILES.read_text().splitlines() if line and not line.startswith("#")]
    large = {entry.split(":")[0] for entry in entries}
    complaints = []
    for name in tracked:
        file = ROOT / name
        if not file.exists():
            continue
        text = file.read_text()
        if name.endswith(".rs") and BACKEND_CFG.search(text) and not name.startswith(MAY_NAME_BACKENDS):
            complaints.append(f"{name}: a backend's feature is named outside engine/ops, the facade and the wheels")
        if text.count("\n") > MAX_LINES and name not in large:
            complaints.append(
                f"{name}: more than {MAX_LINES} lines; split it, or give the reason in {LARGE_FILES.name}"
            )
    if complaints:
        sys.exit("\n".join(complaints))


if __name__ == "__main__":
    main()
