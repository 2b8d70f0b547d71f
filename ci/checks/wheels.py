"""Checks contents, metadata and libraries of a release's native wheels: wheels.py FOLDER PLATFORM"""

from __future__ import annotations

import io
import os
import re
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

from elftools.elf.elffile import ELFFile
from packaging.utils import parse_wheel_filename

MAX_BYTES = {"cpu": 40e6, "cuda": 80e6, "rocm": 80e6, "metal": 80e6}


def complaints(wheel: Path, version: str, platform: str) -> list[str]:
    """The faults of a native wheel."""
    name, its_version, _, tags = parse_wheel_filename(wheel.name)
    kind = name.removeprefix("trustformers-")
    wrong = []
    if str(its_version) != version:
        wrong.append(f"version {its_version}, but the package's is {version}")
    if {(tag.interpreter, tag.abi) for tag in tags} != {("cp310", "abi3")}:
        wrong.append("not for every CPython since 3.10 (cp310-abi3)")
    if sys.platform == "linux" and not any(tag.platform.startswith(platform) for tag in tags):
        wrong.append(f"not for {platform}")
    if wheel.stat().st_size > MAX_BYTES[kind]:
        wrong.append(f"{wheel.stat().st_size / 1e6:.1f} MB, more than {MAX_BYTES[kind] / 1e6:.0f}")
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
        info = f"trustformers_{kind}-{version}.dist-info"
        metadata = Parser().parsestr(archive.read(f"{info}/METADATA").decode())
        if f"trustformers=={version}" not in (metadata.get_all("Requires-Dist") or []):
            wrong.append(f"does not require trustformers=={version}")
        entry = f"[trustformers.backends]\n{kind}=trustformers_{kind}._native"
        if entry not in archive.read(f"{info}/entry_points.txt").decode().replace(" ", ""):
            wrong.append("is not found as a backend: entry_points.txt")
        for part in ("sboms/", "licenses/LICENSE", "licenses/THIRD-PARTY-LICENSES.txt"):
            if not any(file.startswith(f"{info}/{part}") for file in files):
                wrong.append(f"{info}/{part} is missing")
        for file in files:
            if re.search(r"\.(so|pyd)$", file):
                wrong += [f"{file}: {what}" for what in complaints_of_library(archive.read(file))]
    return wrong


def complaints_of_library(data: bytes) -> list[str]:
    """The faults of a shared library."""
    wrong = []
    # The section's name, in a library of another system; `make wheels` tells why not on Windows.
    names_crates = sys.platform == "win32" or b".dep-v0" in data
    if data.startswith(b"\x7fELF"):
        library = ELFFile(io.BytesIO(data))
        names_crates = library.get_section_by_name(".dep-v0") is not None
        if library.get_section_by_name(".symtab") is not None:
            wrong.append("is not stripped")
    if not names_crates:
        wrong.append("does not name its crates: cargo auditable did not build it")
    for folder in folders_of_this_machine():
        if (start := data.find(folder.encode())) >= 0:
            shown = data[start : start + 120].split(b"\0")[0].decode(errors="replace")
            wrong.append(f"names a folder of the machine that built it: {shown}")
    return wrong


def folders_of_this_machine() -> list[str]:
    """Folders that no message may name: the home directory, crates' sources, this checkout."""
    cargo = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    folders = [Path.home(), cargo / "registry", cargo / "git", Path(__file__).resolve().parents[2]]
    return [f"{folder}{os.sep}" for folder in folders]


def main() -> None:
    """Checks every wheel in the folder."""
    folder, platform = Path(sys.argv[1]), sys.argv[2]
    (package,) = folder.glob("trustformers-*.whl")
    version = package.name.split("-")[1]
    native = sorted(folder.glob("trustformers_*.whl"))
    found = {wheel: complaints(wheel, version, platform) for wheel in native}
    for wheel in (package, *native):
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.2f} MB")
    if not native or any(found.values()):
        sys.exit("\n".join(f"{wheel.name}: {what}" for wheel, all_of in found.items() for what in all_of) or "no wheel")


if __name__ == "__main__":
    main()
