"""Lays out the packages of the bindings: generated sources, what is written by hand, and the stripped native library.

python ci/bindings.py LIBRARY GENERATED TARGET    # GENERATED has a folder for each language

TARGET gets the folders python, ruby and kotlin. Kotlin and its tests are compiled if KOTLIN_COMPILER is the folder of
the compiler's jars, those of the package kotlin-jupyter-kernel, and JNA the jar of JNA.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HAND_WRITTEN = ROOT / "bindgen" / "uniffi"
# The most that the stripped library may take: docs/adr/0024-uniffi.md.
MAX_MIB = 34
LICENCES = "THIRD-PARTY-LICENSES.txt"


def version() -> str:
    found = re.search(r'^version = "([^"]+)"', (ROOT / "Cargo.toml").read_text(), re.M)
    if found is None:
        raise ValueError("Cargo.toml: no version")
    return found[1]


def resource_folder() -> str:
    """The folder in which JNA looks for the libraries of this machine."""
    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}[sys.platform]
    machine = platform.machine().lower()
    return f"{system}-{ {'x86_64': 'x86-64', 'amd64': 'x86-64', 'arm64': 'aarch64'}.get(machine, machine) }"


def stripped(library: Path, target: Path) -> Path:
    """The library without the symbols that only the generator reads; its size is checked."""
    target.mkdir(parents=True, exist_ok=True)
    copy = target / library.name
    shutil.copy(library, copy)
    if sys.platform == "linux":
        subprocess.run(["strip", "--strip-all", copy], check=True)
    elif sys.platform == "darwin":
        subprocess.run(["strip", "-x", copy], check=True)
    mebibytes = copy.stat().st_size / 2**20
    print(f"{copy.name}: {mebibytes:.1f} MiB")
    if mebibytes > MAX_MIB:
        sys.exit(f"{copy}: {mebibytes:.1f} MiB, expected at most {MAX_MIB}")
    return copy


def licences(target: Path) -> Path:
    """The crates inside the library, with the texts of their licences."""
    file = target / LICENCES
    with file.open("w") as output:
        command = [sys.executable, ROOT / "ci" / "third_party.py", "trustformers-uniffi"]
        subprocess.run(command, stdout=output, check=True)
    return file


def python_package(library: Path, generated: Path, target: Path) -> None:
    package = target / "trustformers_uniffi"
    shutil.copytree(HAND_WRITTEN / "python" / "trustformers_uniffi", package)
    shutil.copy(generated / "trustformers.py", package)
    shutil.copy(library, package)
    shutil.copy(library.with_name(LICENCES), package)


def ruby_gem(library: Path, generated: Path, target: Path) -> None:
    shutil.copytree(HAND_WRITTEN / "ruby", target)
    folder = target / "lib" / "trustformers"
    folder.mkdir(exist_ok=True)
    shutil.copy(generated / "trustformers.rb", folder / "bindings.rb")
    shutil.copy(library, folder)
    shutil.copy(library.with_name(LICENCES), folder)
    (target / "VERSION").write_text(version())
    if shutil.which("gem"):
        subprocess.run(["gem", "build", "--silent", "trustformers.gemspec"], cwd=target, check=True)


def kotlin_jar(library: Path, generated: Path, target: Path) -> None:
    sources = target / "src" / "main" / "kotlin" / "org" / "trustformers"
    shutil.copytree(HAND_WRITTEN / "kotlin", target)
    shutil.copy(generated / "org" / "trustformers" / "trustformers.kt", sources)
    resources = target / "src" / "main" / "resources" / resource_folder()
    resources.mkdir(parents=True)
    shutil.copy(library, resources)
    shutil.copy(library.with_name(LICENCES), resources)
    compiler, jna = os.environ.get("KOTLIN_COMPILER"), os.environ.get("JNA")
    if not compiler or not jna:
        print("kotlin: not compiled, KOTLIN_COMPILER and JNA are not set")
        return
    jars = Path(compiler)
    libraries = target / "libraries"
    libraries.mkdir()
    (stdlib,) = jars.glob("kotlin-stdlib-*.jar")
    (whole,) = jars.glob("kotlin-jupyter-kernel-*-all.jar")
    shutil.copy(stdlib, libraries / "kotlin-stdlib.jar")
    shutil.copy(jna, libraries / "jna.jar")
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(libraries / "kotlinx-coroutines-core.jar", "w") as jar:
        for name in source.namelist():
            if name.startswith(("kotlinx/coroutines/", "META-INF/kotlinx-coroutines-core.")):
                jar.writestr(name, source.read(name))
    jar = target / f"trustformers-{version()}.jar"
    compile_kotlin(jars, libraries.glob("*.jar"), sources.glob("*.kt"), jar)
    with zipfile.ZipFile(jar, "a", zipfile.ZIP_DEFLATED) as archive:
        for file in resources.iterdir():
            archive.write(file, f"{resource_folder()}/{file.name}")
    tests = [*(ROOT / "tests" / "bindings" / "kotlin").glob("*.kt"), *(HAND_WRITTEN / "examples").glob("*.kt")]
    compile_kotlin(jars, [jar, *libraries.glob("*.jar")], tests, target / "tests.jar")


def compile_kotlin(compiler: Path, libraries: Iterable[Path], sources: Iterable[Path], target: Path) -> None:
    jars = os.pathsep.join(str(jar) for jar in compiler.glob("*.jar"))
    classpath = os.pathsep.join(str(jar) for jar in libraries)
    command = ["java", "-cp", jars, "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler", "-no-stdlib", "-nowarn"]
    command += ["-classpath", classpath, "-d", str(target), *map(str, sources)]
    subprocess.run(command, check=True)


def main() -> None:
    library, generated, target = (Path(argument).resolve() for argument in sys.argv[1:])
    shutil.rmtree(target, ignore_errors=True)
    found = stripped(library, target / "native")
    licences(target / "native")
    python_package(found, generated / "python", target / "python")
    ruby_gem(found, generated / "ruby", target / "ruby")
    kotlin_jar(found, generated / "kotlin", target / "kotlin")


if __name__ == "__main__":
    main()
