"""Fails on circular imports between modules of trustformers, also inside functions.

Run by `make lint-imports`; `--graph` prints what imports what. Imports that only type checkers see do not count.
"""

from __future__ import annotations

import ast
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "python-packages/trustformers/src"
ROOT = "trustformers"
# Imports inside functions that stay there, by importer and imported module, and why. They count as any other.
LATE = {
    ("trustformers._exports", "trustformers._absent"): "import trustformers waits for no table of absent names",
    ("trustformers._exports", "trustformers._reference"): "import trustformers waits for no table of modules",
    ("trustformers._paths", "trustformers._absent"): "import trustformers waits for no table of absent names",
    ("trustformers._paths", "trustformers._reference"): "import trustformers waits for no table of modules",
    ("trustformers.models.configuration", "trustformers.tensor"): "configurations wait for no NumPy",
    ("trustformers.models.configuration", "trustformers.tensor.dtypes"): "configurations wait for no NumPy",
    ("trustformers.cli.command", "trustformers.cli.embed"): "--help waits for neither NumPy nor the engine",
    ("trustformers.cli.command", "trustformers.cli.env"): "--help waits for neither NumPy nor the engine",
    ("trustformers.cli.command", "trustformers.cli.launch"): "the module of a command loads when it runs",
    ("trustformers.cli.command", "trustformers.cli.terminal"): "--help waits for neither NumPy nor the engine",
}
Edges = dict[str, set[str]]


def modules(source: Path) -> dict[str, Path]:
    """The files of the package by the name of their module."""
    found = {}
    for file in sorted((source / ROOT).rglob("*.py")):
        parts = file.relative_to(source).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


class Imports(ast.NodeVisitor):
    """The modules that a file imports at its top, and those that its functions import."""

    def __init__(self, name: str, known: set[str]) -> None:
        self.name, self.known = name, known
        self.top: set[str] = set()
        self.late: set[str] = set()
        self._is_late = False

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        before, self._is_late = self._is_late, True
        self.generic_visit(node)
        self._is_late = before

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_If(self, node: ast.If) -> None:
        is_typing = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in node.orelse if is_typing else [*node.body, *node.orelse]:
            self.visit(statement)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level:
            sys.exit(f"{self.name}: line {node.lineno}: a relative import; write the module's name")
        for alias in node.names:
            whole = f"{node.module}.{alias.name}"
            self._add(whole if whole in self.known else node.module or "")

    def _add(self, imported: str) -> None:
        # Importing a module first imports its packages, except those that contain the importer.
        parts = imported.split(".")
        for count in range(1, len(parts) + 1):
            module = ".".join(parts[:count])
            is_around = count < len(parts) and f"{self.name}.".startswith(f"{module}.")
            if module in self.known and module != self.name and not is_around:
                (self.late if self._is_late else self.top).add(module)


def graph(source: Path) -> tuple[Edges, Edges]:
    """What each module imports at its top, and inside functions."""
    found = modules(source)
    top, late = {}, {}
    for name, file in found.items():
        imports = Imports(name, set(found))
        imports.visit(ast.parse(file.read_text(encoding="utf-8")))
        top[name], late[name] = imports.top, imports.late - imports.top
    return top, late


def complaints(top: Edges, late: Edges, reasons: set[tuple[str, str]]) -> list[str]:
    """Circular imports, imports inside functions without a reason, and reasons without an import."""
    written = {(name, module) for name, found in late.items() for module in found}
    found = [
        f"{name} imports {module} inside a function; import it at the top, or give the reason in {Path(__file__).name}"
        for name, module in sorted(written - reasons)
    ]
    found += [f"{name} does not import {module} inside a function" for name, module in sorted(reasons - written)]
    try:
        TopologicalSorter({name: top[name] | late[name] for name in top}).prepare()
    except CycleError as error:
        found.append("a circle of imports: " + " <- ".join(error.args[1]))
    return found


def main() -> None:
    """Prints the graph, or what is wrong with it."""
    top, late = graph(SOURCE)
    if "--graph" in sys.argv:
        for name in top:
            print(name, *sorted(top[name]), *(f"({module})" for module in sorted(late[name])))
        return
    sys.exit("\n".join(complaints(top, late, set(LATE))) or None)


if __name__ == "__main__":
    main()
