"""Prepares what a build needs: the pages that are generated, and a hub with the models that pages load."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
from logging import getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)
DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
BUILD = DOCS / "_build"
MISSING = f"""no engine in {sys.executable}: {{error}}
Run `make docs` in {ROOT}, which builds and installs it, or `make dev` there and then here
PYTHONPATH={ROOT}/build/dev:{ROOT}/python-packages/trustformers/src make html"""


# Errors that pages show have no traceback, which would name folders of the machine that built them.
CONFIG = """
c.InteractiveShell.xmode = "Minimal"
c.IPKernelApp.log_level = "ERROR"
"""
# A command after `!` that fails ends the build, as an exception does.
STARTUP = """
from subprocess import CalledProcessError

def _checked(command, run=get_ipython().system):
    run(command)
    if status := get_ipython().user_ns["_exit_code"]:
        raise CalledProcessError(status, command)

get_ipython().system = _checked
"""
COMMAND = f"""#!/bin/sh
exec {sys.executable} -m trustformers.cli "$@"
"""


def prepare(app: Sphinx) -> None:
    """Writes the reference, and starts the hub that the pages' processes ask."""
    try:
        from trustformers import Device

        Device.auto()
    except (ImportError, NotImplementedError) as error:
        raise ExtensionError(MISSING.format(error=error)) from error
    import api_reference
    import tiny_models
    from hub import Hub

    api_reference.write(DOCS / "api" / "generated")
    for name in ("models", "cache", "ipython", "bin"):
        shutil.rmtree(BUILD / name, ignore_errors=True)
    tiny_models.write(BUILD / "models")
    hub = Hub(BUILD / "models")
    atexit.register(hub.close)
    for name in [name for name in os.environ if name.startswith(("HF_", "TRUSTFORMERS_", "TRANSFORMERS_"))]:
        del os.environ[name]
    os.environ |= {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(BUILD / "cache"), "NO_PROXY": "*"}
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    profile = BUILD / "ipython" / "profile_default"
    _write(profile / "ipython_kernel_config.py", CONFIG)
    _write(profile / "startup" / "commands.py", STARTUP)
    os.environ["IPYTHONDIR"] = str(BUILD / "ipython")
    _write(BUILD / "bin" / "trustformers", COMMAND).chmod(0o755)
    os.environ["PATH"] = f"{BUILD / 'bin'}{os.pathsep}{os.environ['PATH']}"


def _marked_up(*arguments: Any) -> None:
    from api_reference import marked_up

    marked_up(*arguments)


def _with_colons(*arguments: Any) -> None:
    from api_reference import with_colons

    with_colons(*arguments)


def check_expected(app: Sphinx, doctree: nodes.document) -> None:
    """Warns of cells that are tagged `raises-exception` and did not raise."""
    for cell in doctree.findall(nodes.container):
        if "raises-exception" in cell.get("cell_metadata", {}).get("tags", ()):
            blocks = (block["classes"] for block in cell.findall(nodes.literal_block))
            if not any("traceback" in classes for classes in blocks):
                logger.warning("the cell is tagged raises-exception and did not raise", location=cell)


def check_names(app: Sphinx, env: Any, node: Any, contnode: Any) -> None:
    """Warns of objects that a guide refers to and the reference does not have."""
    if node.get("refdomain") == "py" and node.get("refdoc", "").startswith(("guide/", "api/generated/families")):
        logger.warning("the reference has no %s", node["reftarget"], location=node)


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def setup(app: Sphinx) -> dict[str, Any]:
    """Registers the extension."""
    # nbclient's logger, which tells of every page.
    getLogger("traitlets").setLevel("WARNING")
    app.connect("builder-inited", prepare)
    app.connect("doctree-read", check_expected)
    app.connect("missing-reference", check_names)
    # Before and after Napoleon, whose priority is 500.
    app.connect("autodoc-process-docstring", _marked_up, priority=400)
    app.connect("autodoc-process-docstring", _with_colons, priority=600)
    return {"parallel_read_safe": True}
