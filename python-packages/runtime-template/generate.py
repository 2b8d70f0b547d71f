"""Writes the native wheel packages from this template.

python python-packages/runtime-template/generate.py [BACKEND ...]

A file `NAME.in` becomes `NAME` of every package, and those below `only/BACKEND` become files of that package alone.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from string import Template
from typing import NamedTuple

TEMPLATE = Path(__file__).parent
PACKAGES = TEMPLATE.parent
ROOT = PACKAGES.parent
WORKSPACE = ROOT / "Cargo.toml"


class Wheel(NamedTuple):
    """What a wheel adds to the cpu backend, which all of them contain."""

    summary: str
    # The feature of bindgen/python by Rust's condition for the target, which is empty where every target has it.
    features: dict[str, str]
    requires: tuple[str, ...] = ()
    # What importing the package does.
    on_import: str = ""


# Code that NVRTC of a later minor version makes is refused by drivers of an earlier one, so it is the first of CUDA 13.
CUDA = tuple(f"nvidia-cuda-{part}==13.0.*" for part in ("cccl", "crt", "nvrtc", "runtime"))

WHEELS = {
    "cpu": Wheel("a backend for the processor", {"": ""}),
    "cuda": Wheel(
        "backends for NVIDIA GPUs and the processor",
        {"": "cuda"},
        CUDA,
        "from trustformers_cuda import _nvrtc\n\n_nvrtc.prepare()\n",
    ),
    "rocm": Wheel("backends for AMD GPUs and the processor", {"": "rocm"}),
    "metal": Wheel(
        "backends for Apple GPUs (on other systems: Vulkan) and the processor",
        {'cfg(target_os = "macos")': "metal", 'cfg(not(target_os = "macos"))': "vulkan"},
    ),
}


def workspace_version() -> str:
    found = re.search(r'^version = "(.+)"$', WORKSPACE.read_text(), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{WORKSPACE} states no version")
    return found[1]


def engine(wheel: Wheel) -> str:
    """The dependency on bindgen/python, with its features for every target."""
    lines = []
    for condition, feature in wheel.features.items():
        if condition:
            lines.append(f"\n[target.'{condition}'.dependencies]")
        features = f'"{feature}"' if feature else ""
        lines.append(f"trustformers-python = {{ workspace = true, features = [{features}] }}")
    return "\n".join(lines)


def generate(backend: str) -> None:
    wheel = WHEELS[backend]
    values = {
        "backend": backend,
        "requires": " ".join(wheel.requires),
        "dependencies": "".join(f'\n    "{required}",' for required in wheel.requires),
        "engine": engine(wheel),
        "install": "trustformers" if backend == "cpu" else f"trustformers[{backend}]",
        "on_import": f"\n{wheel.on_import}" if wheel.on_import else "",
        "summary": wheel.summary,
        "version": workspace_version(),
    }
    target = PACKAGES / f"trustformers-{backend}"
    only = TEMPLATE / "only" / backend
    sources = {source: source.relative_to(TEMPLATE) for source in TEMPLATE.rglob("*.in")}
    sources |= {source: source.relative_to(only) for source in only.rglob("*.in")}
    for source, name in sorted(sources.items()):
        if name.parts[0] == "only":
            continue
        file = target / str(name).removesuffix(".in").replace("BACKEND", backend)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(Template(source.read_text()).substitute(values))
        print(file.relative_to(ROOT))
    shutil.copy(ROOT / "LICENSE", target / "LICENSE")


if __name__ == "__main__":
    for name in sys.argv[1:] or WHEELS:
        generate(name)
