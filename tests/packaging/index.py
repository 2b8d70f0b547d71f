"""A package index on this machine, and environments that use no other."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name, parse_sdist_filename, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterable

TOOLS = Path(sys.executable).parent
CONFIG = """\
[routes."{{project}}"]
source = "path"
to = "{root}/{{project}}"
[server]
host = "127.0.0.1"
port = {port}
"""


class LocalIndex:
    """A simple index of the files given, by simpleindex; others are not found."""

    def __init__(self, root: Path, files: Iterable[Path]) -> None:
        self._root = root
        for file in files:
            self.add(file)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        config = root / "simpleindex.toml"
        config.write_text(CONFIG.format(root=root, port=port))
        self.url = f"http://127.0.0.1:{port}/"
        self._server = subprocess.Popen(
            [TOOLS / "simpleindex", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def add(self, file: Path) -> None:
        """Makes another file available."""
        parse = parse_wheel_filename if file.suffix == ".whl" else parse_sdist_filename
        folder = self._root / canonicalize_name(parse(file.name)[0])
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / file.name
        if not target.exists():
            target.symlink_to(file.resolve())

    def close(self) -> None:
        """Ends the server."""
        self._server.terminate()
        self._server.wait()

    def _wait(self) -> None:
        for _ in range(200):
            try:
                with urllib.request.urlopen(self.url + "trustformers/"):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"{self.url} does not answer")


class Environment:
    """A virtual environment without pip configuration, which has only the index."""

    def __init__(self, root: Path, python: str, index: LocalIndex, *, uv: bool = False) -> None:
        self.root = root
        self._index = index
        self._uv = uv
        if uv:
            self._call(TOOLS / "uv", "venv", "--python", python, root)
        else:
            self._call(python, "-m", "venv", root)
        self.python = root / "bin" / "python"

    def install(self, *what: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`pip install`, or `uv pip install`."""
        if self._uv:
            cache = self.root / "uv-cache"
            arguments: list[Any] = [TOOLS / "uv", "pip", "install", "--python", self.python, "--cache-dir", cache]
            arguments += ["--index-url", self._index.url]
        else:
            arguments = [self.python, "-m", "pip", "install", "--no-cache-dir", "--index-url", self._index.url]
        return self._call(*arguments, *what, check=check)

    def pip(self, *what: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Another command of pip."""
        start: list[Any] = [TOOLS / "uv", "pip"] if self._uv else [self.python, "-m", "pip"]
        python = ["--python", self.python] if self._uv else []
        return self._call(*start, what[0], *python, *what[1:], check=check)

    def run(self, program: str, *, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        """A Python program."""
        return self._call(self.python, "-c", program, check=check, **variables)

    def answer(self, program: str, **variables: str) -> Any:
        """The last line of a program's output, which is JSON."""
        return json.loads(self.run(program, **variables).stdout.splitlines()[-1])

    def command(self, *what: str, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        """The `trustformers` command."""
        return self._call(self.root / "bin" / "trustformers", *what, check=check, **variables)

    def packages(self) -> dict[str, str]:
        """Versions of installed packages, by name."""
        listed = json.loads(self.pip("list", "--format", "json").stdout)
        return {canonicalize_name(entry["name"]): entry["version"] for entry in listed}

    def remove(self) -> None:
        """Removes the environment."""
        shutil.rmtree(self.root)

    def _call(self, *arguments: Any, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        kept = ("PATH", "HOME", "TMPDIR", "LANG")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_CONFIG": "1"}
        command = [str(argument) for argument in arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, env={**environment, **variables}, cwd=self.root.parent, check=False
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        return done


def interpreter(version: str) -> str | None:
    """A CPython of this version, of pyenv or on the path."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = sorted(root.glob(f"{version}.*/bin/python{version}"))
    return str(found[-1]) if found else shutil.which(f"python{version}")
