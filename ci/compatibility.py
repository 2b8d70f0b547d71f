"""Writes what works of transformers, and why the rest does not: docs/compatibility.md, README's totals, and the tables
from which the package resolves module paths and explains absent names.

`make compatibility` writes, `make check` fails when something is stale or has no state (`--check`). Needs no engine:
what works is what the tables of `_exports.py` and the generated stubs of families name.
"""

from __future__ import annotations

import ast
import sys
import textwrap
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import generated_part
from reference.refusals import KINDS, NOT_PLANNED, REFUSED, RULES, Rule

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "python-packages/trustformers/src"
PACKAGE = SOURCE / "trustformers"
REFERENCE = Path(__file__).parent / "reference/transformers.txt"
TABLES = PACKAGE / "_reference_data.py"
DOCUMENT = ROOT / "docs/compatibility.md"
README = ROOT / "README.md"
WORKS = "works"
# Names of version 4 that scripts still import, by module.
EARLIER = {
    **dict.fromkeys(
        ("utils", "utils.import_utils", "file_utils"),
        ("is_flax_available", "is_safetensors_available", "is_tf_available", "send_example_telemetry"),
    ),
    "trainer_utils": ("EvaluationStrategy",),
}
STATES = (WORKS, REFUSED, NOT_PLANNED)


class Reference(NamedTuple):
    """The public surface of transformers."""

    kinds: dict[str, str]
    names: list[str]
    own: dict[str, list[str]]
    imported: dict[str, list[str]]
    classes: dict[str, list[str]]


def reference() -> Reference:
    """Reads the committed list."""
    sections: dict[str, list[str]] = {}
    for line in REFERENCE.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line[1:].partition("]")[0], [])
        elif line and not line.startswith("#"):
            current.append(line)
    kinds = {name: kind for name, _, kind in (line.partition(": ") for line in sections["families"])}
    own, imported = {}, {}
    for line in sections["modules"]:
        path, _, rest = line.partition(":")
        first, _, second = rest.partition("|")
        own[path], imported[path] = first.split(), second.split()
    for path in [path for path in own if path.startswith("models.") and path.count(".") == 1]:
        below = [found for other, found in own.items() if other.startswith(f"{path}.")]
        imported[path] = sorted({name for found in below for name in found} - set(own[path]))
    classes = {name: found.split() for name, _, found in (line.partition(":") for line in sections["classes"])}
    return Reference({**kinds, **KINDS}, sections["names"], own, imported, classes)


class Ours:
    """What trustformers has: names by the tables of the package, modules by its files, members by its source."""

    def __init__(self) -> None:
        sys.path.insert(0, str(SOURCE))
        exports = import_module("trustformers._exports")
        tables = (exports.NAMES, exports.PACKAGE_NAMES)
        self.homes = {module: sorted(self.of_module(module)) for module in exports.PATH_MODULES}
        self.names = {
            name
            for table in tables
            for module, names in table.items()
            if not module.startswith("tensor.")
            for name in names
        }
        self.families = listed(PACKAGE / "models/families.pyi")
        self.names |= self.families
        self.names.update(*self.homes.values())

    @staticmethod
    def file(path: str) -> Path | None:
        """The file of a module."""
        whole = PACKAGE.joinpath(*path.split("."))
        return next((file for file in (whole.with_suffix(".py"), whole / "__init__.py") if file.is_file()), None)

    def of_module(self, path: str) -> set[str]:
        """The names that the file of a module defines."""
        file = self.file(path)
        return set() if file is None else listed(file)


def listed(file: Path) -> set[str]:
    """The names in the `__all__` of a file."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return set(ast.literal_eval(node.value)) if isinstance(node.value, (ast.List, ast.Tuple)) else set()
    return set()


class Table:
    """The state of each module and name, and the modules that work with the names that they have."""

    def __init__(self, surface: Reference, ours: Ours) -> None:
        self.surface, self.ours = surface, ours
        self.modules: dict[str, list[str]] = {}
        self.module_rules: dict[str, Rule] = {}
        self.name_rules: dict[str, Rule] = {}
        self.working: set[str] = set()
        self.wrong: list[str] = []
        for path in surface.own:
            self._module(path)
        own_in: dict[str, list[str]] = defaultdict(list)
        for path, names in surface.own.items():
            for name in names:
                own_in[name].append(path)
        for name in sorted({*own_in, *surface.names}):
            self._name(name, own_in.get(name, [""]))

    def _kind(self, path: str) -> str:
        parts = path.split(".")
        if parts[0] != "models" or len(parts) < 2 or parts[1] == "auto":
            return ""
        has = any(
            name in self.ours.families
            for other, names in self.surface.own.items()
            if other.startswith(f"models.{parts[1]}.")
            for name in names
        )
        return "supported" if has else self.surface.kinds.get(parts[1], "other")

    def _module(self, path: str) -> None:
        exposed = {*self.surface.own[path], *self.surface.imported[path], *EARLIER.get(path, ())}
        names = exposed & (self.ours.names | self.ours.of_module(path))
        package = path.rpartition(".")[0]
        file = self.ours.file(path)
        if file is not None and file.name != "__init__.py":
            # Python's own logging, where a file imports it.
            names -= {"logging"}
        if file is not None or (names & set(self.surface.own[path]) and package not in self.module_rules):
            self.modules[path] = sorted(names)
            return
        if (rule := self.module_rules.get(package) or self._rule(path, "")) is None:
            return
        # What only imports names that work is worth importing if its own are refused, not if they are not planned.
        is_in_family = path.startswith("models.") and path.count(".") > 1 and not path.startswith("models.auto.")
        if names and package not in self.module_rules and rule.state == REFUSED and not is_in_family:
            self.modules[path] = sorted(names)
        else:
            self.module_rules[path] = rule

    def _name(self, name: str, paths: list[str]) -> None:
        if name in self.ours.names or any(name in self.ours.of_module(path) for path in paths):
            self.working.add(name)
            return
        rule = next(filter(None, (self._rule(path, name) for path in paths)), None)
        if rule is not None:
            self.name_rules[name] = rule

    def _rule(self, path: str, name: str) -> Rule | None:
        kind = self._kind(path)
        # Names of images in a family of text with images are those of images.
        original = self.surface.kinds.get(path.split(".")[1], "") if kind == "supported" else kind
        for rule in RULES:
            if rule.matches(path, name, kind) and (name or not rule.names):
                return rule
            if kind == "supported" and original not in ("", "text") and rule.kinds == (original,) and name:
                return rule
        what = f"{path}.{name}" if name else f"the module {path}"
        self.wrong.append(f"{what}: neither works nor has a rule in ci/reference/refusals.py")
        return None


def in_auto(surface: Reference) -> set[str]:
    """The names of the modules of the auto classes that the package has too."""
    found = {name for path, names in surface.own.items() if path.startswith("models.auto.") for name in names}
    return {name for name in found if not name.endswith("_NAMES")} - set(surface.own["models.auto.auto_factory"])


def rows(items: dict[str, Rule], indices: dict[str, int]) -> list[str]:
    """Lines of the index of a reason and its names."""
    grouped: dict[int, list[str]] = defaultdict(list)
    for name, rule in items.items():
        grouped[indices[rule.reason]].append(name)
    return [
        line
        for index, names in sorted(grouped.items())
        for line in textwrap.wrap(
            " ".join(sorted(names)), 1_000, initial_indent=f"{index} ", subsequent_indent=f"{index} ", break_on_hyphens=False
        )
    ]


def tables(table: Table) -> str:
    """The text of `_reference_data.py`."""
    reasons = list(dict.fromkeys(rule.reason for rule in RULES))
    indices = {reason: index for index, reason in enumerate(reasons)}
    modules = [
        line
        for path, names in sorted(table.modules.items())
        for line in (textwrap.wrap(" ".join(names), 10_000, break_on_hyphens=False) or [""])
        for line in [f"{path} {line}".rstrip()]
    ]
    homes = {name for names in table.ours.homes.values() for name in names}
    modules.insert(0, " ".join(["transformers", *sorted(homes & {*table.surface.names, *in_auto(table.surface)})]))
    parts = [
        '"""Written by `make compatibility`: see `_reference.py`."""',
        "# ruff: noqa: E501",
        "",
        "REASONS = (",
        *(f'    "{reason}",' for reason in reasons),
        ")",
    ]
    for name, lines in {
        "HOMES": [f"{module} {' '.join(names)}" for module, names in table.ours.homes.items()],
        "MODULES": modules,
        # Importing a module imports its packages first, which give the reason.
        "ABSENT_MODULES": rows(
            {path: rule for path, rule in table.module_rules.items() if path.rpartition(".")[0] not in table.module_rules},
            indices,
        ),
        "ABSENT_NAMES": rows(table.name_rules, indices),
    }.items():
        parts += [f'{name} = """', *lines, '"""']
    return "\n".join(parts) + "\n"


def main() -> None:
    """Writes the files, or names those that are stale."""
    table = Table(reference(), Ours())
    if table.wrong:
        sys.exit("\n".join(table.wrong[:100] + [f"{len(table.wrong)} have no state"]))
    wanted = {TABLES: tables(table)}
    stale = [file for file, text in wanted.items() if not file.is_file() or file.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        sys.exit("\n".join(f"{file}: stale; run make compatibility" for file in stale) or None)
    for file in stale:
        file.write_text(wanted[file], encoding="utf-8")


if __name__ == "__main__":
    main()
