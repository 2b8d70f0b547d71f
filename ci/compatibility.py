"""Writes what works of transformers, and why the rest does not: docs/compatibility.md, README's totals, and the tables
from which the package resolves module paths and explains absent names.

`make compatibility` writes, `make check` fails when something is stale or has no state (`--check`). Needs no engine:
what works is what the tables of `_exports.py` and the generated stubs of families name.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import collections
import queue
import re
import sys
import textwrap
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import generated_part
from reference.refusals import KINDS, MEMBERS, NOT_PLANNED, REFUSED, RULES, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "python-packages/trustformers/src"
PACKAGE = SOURCE / "trustformers"
REFERENCE = Path(__file__).parent / "reference/transformers.txt"
TABLES = PACKAGE / "_reference_data.py"
CLIENTS = ROOT / "tests/clients"
DOCUMENT = ROOT / "docs/compatibility.md"
README = ROOT / "README.md"
WORKS = "works"
# Functions of families' modules that their `__all__` leaves out.
SHIFTING = ("bart", "blenderbot", "blenderbot_small", "m2m_100", "marian", "mbart", "pegasus")
# Names that scripts import, by module: those of version 4, and some that a module does not list.
EARLIER = {
    **{f"models.{family}.modeling_{family}": ("shift_tokens_right",) for family in SHIFTING},
    **dict.fromkeys(
        ("utils", "utils.import_utils", "file_utils"),
        (
            "is_flax_available",
            "is_safetensors_available",
            "is_offline_mode",
            "is_tf_available",
            "send_example_telemetry",
        ),
    ),
    "utils.hub": ("is_offline_mode",),
}
# Where classes of the package have bases from.
STANDARD = (builtins, collections, argparse, queue)
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
        self.families = {name for stub in PACKAGE.glob("*/families.pyi") for name in listed(stub)}
        self.names |= self.families
        self.names.update(*self.homes.values())
        # These are imported but cannot be used.
        self.refused = {*self.homes["utils.refused"], *self.homes["utils.other_families"]}

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
        # What tests of transformers define is defined elsewhere too.
        for paths in own_in.values():
            paths.sort(key=lambda path: path == "testing_utils")
        for name in sorted({*own_in, *surface.names}):
            self._name(name, own_in.get(name, [""]))

    def _kind(self, path: str) -> str:
        parts = path.split(".")
        if parts[0] != "models" or len(parts) < 2 or parts[1] == "auto":
            return ""
        return "supported" if self._classes(parts[1]) else self.surface.kinds.get(parts[1], "other")

    def _classes(self, family: str) -> set[str]:
        """The classes of a family that are here."""
        own = (names for path, names in self.surface.own.items() if path.startswith(f"models.{family}."))
        return self.ours.families & {name for names in own for name in names}

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
        if name in self.ours.names - self.ours.refused or any(name in self.ours.of_module(path) for path in paths):
            self.working.add(name)
            return
        rule = next(filter(None, (self._rule(path, name) for path in paths)), None)
        if rule is not None:
            self.name_rules[name] = rule

    def _rule(self, path: str, name: str) -> Rule | None:
        kind = self._kind(path)
        # Names of images in a family of text with images are those of images.
        original = self.surface.kinds.get(path.split(".")[1], "") if kind == "supported" else kind
        # A family with a tokenizer alone, such as BART, has no models here.
        if original == "text" and all("Tokenizer" in known for known in self._classes(path.split(".")[1])):
            kind = original
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
            " ".join(sorted(names)),
            1_000,
            initial_indent=f"{index} ",
            subsequent_indent=f"{index} ",
            break_on_hyphens=False,
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
    known = table.ours.names & {*table.surface.names, *in_auto(table.surface)}
    # The list has no names of families.
    known.update(table.ours.homes["utils.other_families"])
    modules.insert(0, " ".join(["transformers", *sorted(known)]))
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
            {
                path: rule
                for path, rule in table.module_rules.items()
                if path.rpartition(".")[0] not in table.module_rules
            },
            indices,
        ),
        "ABSENT_NAMES": rows(table.name_rules, indices),
    }.items():
        parts += [f'{name} = """', *lines, '"""']
    return "\n".join(parts) + "\n"


class Members:
    """The members that classes of the package have, by their source."""

    def __init__(self) -> None:
        self.bodies: dict[str, ast.ClassDef] = {}
        # Second names of classes.
        self.aliases: dict[str, str] = {}
        files = [file for file in sorted(PACKAGE.rglob("*.py")) if "tensor" not in file.parts]
        for file in [PACKAGE / "models/families.pyi", *files]:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    self.bodies.setdefault(node.name, node)
                elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
                    self.aliases.update(
                        (target.id, node.value.id) for target in node.targets if isinstance(target, ast.Name)
                    )

    def of(self, name: str) -> set[str]:
        """The members of a class and its bases."""
        node = self.bodies.get(name) or self.bodies.get(self.aliases.get(name, ""))
        if node is None:
            found = next((getattr(module, name) for module in STANDARD if hasattr(module, name)), object)
            return set(dir(found))
        found = {target for statement in node.body for target in defined(statement)}
        for base in node.bases:
            inner = base.value if isinstance(base, ast.Subscript) else base
            found |= self.of(inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "object"))
        return found


def defined(node: ast.stmt) -> list[str]:
    """The names that a statement of a class defines, without methods that only refuse."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return [] if isinstance(node.returns, ast.Name) and node.returns.id == "NoReturn" else [node.name]
    found = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in found if isinstance(target, ast.Name)]


def member_states(surface: Reference) -> dict[str, dict[str, tuple[str, str]]]:
    """The state and the reason of each member of the main classes."""
    ours, found = Members(), {}
    for name, members in surface.classes.items():
        known = ours.of(name)
        found[name] = {member: (WORKS, "") if member in known else absent(name, member) for member in members}
    return found


def absent(name: str, member: str) -> tuple[str, str]:
    """The state and the reason of an absent member."""
    return next(
        (state, reason)
        for kinds, members, state, reason in MEMBERS
        if re.fullmatch(kinds, name) and re.fullmatch(members, member)
    )


def totals(states: list[str]) -> str:
    """Cells of a row with the number of each state."""
    return " | ".join([*(f"{states.count(state):,}" for state in STATES), f"{len(states):,}"])


def name_states(table: Table) -> dict[str, str]:
    """The state of each name."""
    return {**dict.fromkeys(table.working, WORKS), **{name: rule.state for name, rule in table.name_rules.items()}}


def summary(table: Table) -> list[str]:
    """The table of totals."""
    names = name_states(table)
    kinds = table.surface.kinds
    own = table.surface.own
    of_text = {
        name
        for path, found in own.items()
        for name in found
        if not path.startswith("models.") or path.startswith("models.auto.") or kinds.get(path.split(".")[1]) == "text"
    }
    modules = [WORKS if path in table.modules else table.module_rules[path].state for path in own]
    members = [state for found in member_states(table.surface).values() for state, _reason in found.values()]
    return [
        "| of transformers 5.23.0 | works | refused | not planned | all |",
        "|---|---|---|---|---|",
        f"| public names | {totals(list(names.values()))} |",
        f"| of them outside models, or of text models | {totals([names[name] for name in of_text])} |",
        f"| modules | {totals(modules)} |",
        f"| methods and properties of the main classes | {totals(members)} |",
    ]


def wrapped(names: Iterable[str]) -> str:
    """Names as code, in one line."""
    return ", ".join(f"`{name}`" for name in sorted(names))


# tests/parity/example_script.py has what they call.
SCRIPTS = (
    "## Example scripts of transformers",
    "",
    "`python -m trustformers.alias run_glue.py ...` gives the losses, metrics and predictions of transformers, and so",
    "do `run_classification.py`, `run_clm.py`, `run_mlm.py`, `run_ner.py`, `run_qa.py`, `run_seq2seq_qa.py`,",
    "`run_summarization.py`, `run_translation.py` and `run_generation.py`. Scripts named `*_no_trainer.py` stop at",
    "`torch.optim.AdamW`, as optimizers of torch take its own tensors alone; with `Adafactor` of",
    "`transformers.optimization` their loops run, but Accelerate, which knows torch's modules and optimizers alone,",
    "neither accumulates gradients nor saves the model in `save_state`. `run_swag.py` stops at its multiple choice",
    "model, which is not here.",
)


def clients() -> list[str]:
    """The section of libraries built on transformers, from the table of their tests."""
    sys.path.insert(0, str(CLIENTS))
    listed = import_module("clients").CLIENTS
    lines = [
        "## Libraries built on transformers",
        "",
        "With `python -m trustformers.alias` in place of `python`, or `import trustformers.alias` as the first line.",
        "`make test-clients` compares the results of calls of each library with those that it has with transformers,",
        "on tiny checkpoints; torch is installed.",
        "",
        "| library | version | |",
        "|---|---|---|",
        *(f"| {one.package} | {one.version} | works: {one.what} |" for one in listed if one.calls),
        *(f"| {one.package} | {one.version} | {one.what} |" for one in listed if not one.calls),
    ]
    return lines


def document(table: Table) -> str:
    """The text of docs/compatibility.md."""
    own, kinds = table.surface.own, table.surface.kinds
    core = [path for path in own if not path.startswith("models.") or path.startswith("models.auto")]
    lines = [
        "# What works of transformers",
        "",
        "<!-- generated by make compatibility from ci/reference; do not edit -->",
        "",
        "Every public name and module of transformers 5.23.0 is in one of three states. It *works*; it is *refused*:",
        "it is about text, inference or training, but is not here, and using it raises an `ImportError` or an",
        "`AttributeError` that is also an `UnsupportedError` and says why and what to use instead; or it is *not",
        "planned*, and says so in the same way. `hasattr(trustformers, name)` is true for what works, and for a few",
        "classes that libraries import without using, such as `AutoModelForMultipleChoice`: these raise when used.",
        "",
        *summary(table),
        "",
        *clients(),
        "",
        *SCRIPTS,
        "",
        "## Works",
        "",
        "Names by the module that defines them in transformers; other modules that import them have them too.",
        "",
        "| module | names |",
        "|---|---|",
    ]
    for path in core:
        if names := [name for name in own[path] if name in table.modules.get(path, ())]:
            lines.append(f"| `{path}` | {wrapped(names)} |")
    folders: dict[str, set[str]] = defaultdict(set)
    for path, names in own.items():
        if path not in core and path.count(".") > 1:
            folders[path.split(".")[1]] |= {name for name in names if name in table.working}
    works = {folder: names for folder, names in folders.items() if names}
    lines += ["", f"Classes of {len(works)} families, in the modules `models.<family>`:", "", "| family | classes |"]
    lines += ["|---|---|", *(f"| `{folder}` | {wrapped(names)} |" for folder, names in sorted(works.items()))]
    for state, title in ((REFUSED, "Refused"), (NOT_PLANNED, "Not planned")):
        lines += ["", f"## {title}", "", *absences(table, state, folders.keys() - works.keys(), kinds)]
    lines += ["", "## Methods and properties of the main classes", "", "| class | works | absent |", "|---|---|---|"]
    for name, found in member_states(table.surface).items():
        reasons: dict[str, list[str]] = defaultdict(list)
        for member, (state, reason) in found.items():
            if state != WORKS:
                reasons[f"{state}: {reason}"].append(member)
        rest = "; ".join(f"{wrapped(members)} ({reason})" for reason, members in reasons.items())
        lines.append(f"| `{name}` | {sum(state == WORKS for state, _ in found.values())} of {len(found)} | {rest} |")
    return "\n".join(lines) + "\n"


def absences(table: Table, state: str, families: Iterable[str], kinds: dict[str, str]) -> list[str]:
    """The reasons of a state with their names; names of families are counted."""
    in_family = {
        name: path.split(".")[1]
        for path, names in table.surface.own.items()
        if path.startswith("models.") and not path.startswith("models.auto.")
        for name in names
    }
    reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, rule in table.name_rules.items():
        if rule.state == state:
            reasons[rule.group, rule.reason].append(name)
    lines = ["| what | why | names | |", "|---|---|---|---|"]
    for (group, reason), names in sorted(reasons.items()):
        alone = [name for name in names if name not in in_family]
        folders = {in_family[name] for name in names if name in in_family} & {*families}
        shown = [wrapped(alone)] if alone else []
        if folders:
            shown.append(
                f"{len(names) - len(alone):,} classes of {len(folders)} families: {', '.join(sorted(folders))}"
            )
        elif len(names) > len(alone):
            shown.append(f"{len(names) - len(alone):,} classes of supported families")
        lines.append(f"| {group} | {reason} | {len(names):,} | {'; '.join(shown)} |")
    return lines


def main() -> None:
    """Writes the files, or names those that are stale."""
    table = Table(reference(), Ours())
    if table.wrong:
        sys.exit("\n".join(table.wrong[:100] + [f"{len(table.wrong)} have no state"]))
    wanted = {TABLES: tables(table), DOCUMENT: document(table)}
    stale = [file for file, text in wanted.items() if not file.is_file() or file.read_text(encoding="utf-8") != text]
    checks = "--check" in sys.argv
    quoted = generated_part.write(README, "compatibility", summary(table), checks=checks)
    if checks:
        sys.exit("\n".join(f"{file}: stale; run make compatibility" for file in stale) or quoted)
    for file in stale:
        file.write_text(wanted[file], encoding="utf-8")


if __name__ == "__main__":
    main()
