"""`trustformers launch`: starts a script in several processes of MPI."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trustformers._absent import missing_extra
from trustformers.errors import InputError

if TYPE_CHECKING:
    import argparse

__all__ = ["command", "launch"]

# The first version of Open MPI that starts processes with PRRTE.
_PRRTE = 5
# Seconds until a connection between hosts is probed and between probes, and how many probes without an answer end it.
_KEEPALIVE = {"time": 3, "intvl": 1, "probes": 3}
# What Open MPI prints then.
_LOST = b"lost communication with a remote daemon"
# Environment variables that processes on other machines get too.
_FORWARDED = ("TRUSTFORMERS_", "HF_", "PYTHONPATH", "TRANSFORMERS_", "TENSORBOARD_")


def launch(arguments: argparse.Namespace) -> int:
    """Runs the script in all processes; returns the exit status of the job.

    Without a hostfile, mpirun takes the place of this process where the system allows it, so that signals reach it.

    Raises
    ------
    InputError
        The script or the hostfile does not exist, or the number of processes is less than 1.
    UnsupportedError
        mpirun or mpi4py is not installed.
    """
    if arguments.num_processes < 1:
        raise InputError(f"--num-processes: expected at least 1, found {arguments.num_processes}")
    if not arguments.module and not Path(arguments.script).is_file():
        raise InputError(f"{arguments.script}: there is no such file")
    if arguments.hostfile is not None and not Path(arguments.hostfile).is_file():
        raise InputError(f"--hostfile: {arguments.hostfile}: there is no such file")
    if os.environ.get("OMPI_COMM_WORLD_SIZE"):
        raise InputError("launch: this process is already one of an MPI job")
    launcher = _launcher(arguments.launcher)
    environment = dict(os.environ)
    if arguments.no_pin:
        environment["TRUSTFORMERS_NO_PIN"] = "1"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Open MPI refuses root, which is the user of most containers.
        environment |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        environment |= {"PRTE_ALLOW_RUN_AS_ROOT": "1", "PRTE_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    sys.stdout.flush()
    words = command(launcher, arguments, environment)
    if arguments.hostfile is not None:
        return _run_on_hosts(words, environment)
    if os.name == "posix":
        sys.stderr.flush()
        os.execve(launcher, words, environment)
    return subprocess.run(words, env=environment, check=False).returncode


def command(launcher: str, arguments: argparse.Namespace, environment: dict[str, str]) -> list[str]:
    """The words of the launcher's command line.

    Parameters
    ----------
    launcher
        The path of mpirun.
    arguments
        The parsed arguments.
    environment
        Environment variables, some of which go to other machines.
    """
    is_open_mpi, has_prrte = _kind(launcher)
    words = [launcher, "-n", str(arguments.num_processes)]
    if is_open_mpi:
        # Open MPI binds each process to one core, and refuses more processes than cores.
        words += ["--bind-to", "none"]
        if arguments.hostfile is None and arguments.num_processes > (os.cpu_count() or 1):
            words += ["--oversubscribe"]
    if arguments.hostfile is not None:
        words += ["--hostfile" if is_open_mpi else "-f", arguments.hostfile]
        if is_open_mpi:
            for name in sorted(environment):
                if name.startswith(_FORWARDED):
                    words += ["-x", name]
        if has_prrte:
            # Otherwise a host that is cut off is not noticed for minutes.
            for name, value in _KEEPALIVE.items():
                words += ["--prtemca", f"oob_tcp_keepalive_{name}", str(value)]
    words += [str(option) for option in arguments.launcher_option]
    words += [sys.executable, "-m", "mpi4py", *(["-m"] if arguments.module else []), arguments.script]
    return words + list(arguments.arguments)


def _run_on_hosts(words: list[str], environment: dict[str, str]) -> int:
    """Runs the launcher, and returns its exit status; 1 if it lost a host, for which Open MPI's is 0."""
    was_lost, before = False, b""
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _frame: process.send_signal(number))
        while chunk := os.read(process.stderr.fileno(), 1 << 16):
            sys.stderr.buffer.write(chunk)
            sys.stderr.buffer.flush()
            was_lost |= _LOST in before + chunk
            before = (before + chunk)[-len(_LOST) :]
    return process.returncode or int(was_lost)


def _launcher(given: str | None) -> str:
    try:
        import mpi4py  # noqa: F401  # the processes need it
    except ImportError as error:
        raise missing_extra("several processes", "mpi4py", "mpi") from error
    if given is not None:
        found = shutil.which(given)
        if found is None:
            raise InputError(f"--launcher: {given}: there is no such program")
        return found
    own = Path(sys.executable).parent / "mpirun"
    found = str(own) if own.is_file() else shutil.which("mpirun")
    if found is None:
        raise missing_extra("several processes", "mpirun", "mpi")
    return found


def _kind(launcher: str) -> tuple[bool, bool]:
    """Whether a launcher is Open MPI's, and one of version 5 or later, which is PRRTE."""
    shown = subprocess.run([launcher, "--version"], capture_output=True, text=True, check=False)
    text = shown.stdout + shown.stderr
    major = re.search(r"Open MPI\)? (\d+)", text)
    has_prrte = "prrte" in text.lower() or (major is not None and int(major[1]) >= _PRRTE)
    return major is not None or has_prrte, has_prrte
