"""Empty wheels of an earlier version, to upgrade from."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

EARLIER = "0.0.1"

NATIVE = f"""\
__version__ = "{EARLIER}"
def list_devices(kind):
    return [(kind if kind == "cpu" else kind + ":0", "a device of the earlier version", None, False)]
"""


def write_wheel(folder: Path, name: str, files: dict[str, str], metadata: list[str], entry_points: str = "") -> Path:
    """A pure Python wheel of the earlier version."""
    info = f"{name.replace('-', '_')}-{EARLIER}.dist-info"
    files = {
        **files,
        f"{info}/METADATA": "\n".join(["Metadata-Version: 2.4", f"Name: {name}", f"Version: {EARLIER}", *metadata, ""]),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: standins\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if entry_points:
        files[f"{info}/entry_points.txt"] = entry_points
    record = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(text.encode())}")
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    wheel = folder / f"{name.replace('-', '_')}-{EARLIER}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def write_native(folder: Path, kind: str) -> Path:
    """The earlier native wheel of a backend."""
    package = f"trustformers_{kind}"
    return write_wheel(
        folder,
        f"trustformers-{kind}",
        {f"{package}/__init__.py": "", f"{package}/_native.py": NATIVE},
        [f"Requires-Dist: trustformers=={EARLIER}"],
        f"[trustformers.backends]\n{kind} = {package}._native\n",
    )


def write_package(folder: Path, kinds: list[str]) -> Path:
    """The earlier meta-package, with an extra for each of the kinds."""
    lines = [f"Requires-Dist: trustformers-cpu=={EARLIER}"]
    for kind in kinds:
        lines += [f"Provides-Extra: {kind}", f"Requires-Dist: trustformers-{kind}=={EARLIER}; extra == '{kind}'"]
    return write_wheel(folder, "trustformers", {"trustformers/__init__.py": ""}, lines)
