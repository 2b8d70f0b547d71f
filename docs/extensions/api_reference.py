"""Writes the pages of the API reference from the tables of public names of the package."""

from __future__ import annotations

import inspect
import re
from collections import Counter, defaultdict
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from trustformers import _exports, _native, _reference
from trustformers.models import families
from trustformers.tokenizers import families as tokenizer_families

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

__all__ = ["write"]

ROOT = "trustformers"
ROOMS = {
    "models": "Models and configurations",
    "tokenizers": "Tokenizers and collators",
    "pipelines": "Pipelines",
    "generation": "Generation",
    "training": "Training",
    "distributed": "Several processes (`trustformers.distributed`)",
    "peft": "LoRA (`trustformers.peft`)",
    "tensor": "Tensors",
    "runtime": "Devices, threads, jobs and seeds",
    "utils": "Logging and utilities",
    "errors": "Errors",
    "safetensors": "Safetensors files",
}
# Stands for a colon until Napoleon has read a docstring.
COLON = "\ue000"
# Modules whose names can be imported, and raise when they are used.
RAISING = ("utils.refused", "utils.other_families")
FAMILIES = """# Families

Classes of each family, which `trustformers` and `trustformers.models` have. Their methods are those of
{py:class}`trustformers.PreTrainedConfig` and {py:class}`trustformers.PreTrainedModel`; models that generate have those
of {py:class}`trustformers.GenerationMixin` too.

| `model_type` | classes |
|---|---|
"""
MODULES = """# Modules of transformers

Names can also be imported from the modules that they have in transformers, such as
`trustformers.models.bert.modeling_bert`; those of families are left out here.

| module | names |
|---|---|
"""


class Name(NamedTuple):
    """A public name: where it is imported from, and its object."""

    package: str
    name: str
    value: Any


def write(folder: Path) -> None:
    """Writes a page for each room, one of the families, and one of transformers' modules."""
    folder.mkdir(parents=True, exist_ok=True)
    reference = _Pages()
    pages = {room: reference.room(room) for room in ROOMS}
    pages["families"] = _families()
    pages["modules"] = _modules()
    for name, text in pages.items():
        file = folder / f"{name}.md"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def marked_up(_app: object, what: str, _name: str, _value: object, _options: object, lines: list[str]) -> None:
    """Turns the backticks of docstrings, which are those of Markdown, into reStructuredText's."""
    text = re.sub(r"(?<![`:\w])`([^`]+)`(?!`)(?=(\w?))", _literal, "\n".join(lines))
    lines[:] = text.split("\n")
    if what in ("property", "attribute"):
        # Napoleon takes what is before a colon of an attribute's first line for its type.
        lines[0] = lines[0].replace(":", COLON)


def with_colons(_app: object, _what: str, _name: str, _value: object, _options: object, lines: list[str]) -> None:
    """Puts back the colons that `marked_up` hid."""
    lines[:] = [line.replace(COLON, ":") for line in lines]


def _literal(found: re.Match[str]) -> str:
    return f"``{found[1]}``" + ("\\ " if found[2] else "")


def _room_of(name: str) -> str:
    room = _exports.home(name).partition(".")[0]
    return room if room in ROOMS else "utils"


def _names(room: str) -> list[Name]:
    root = {*_exports.homes(ROOT), *(_reference.names("") or ())}
    root = {name for name in root if _is_documented(name) and _room_of(name) == room}
    package = f"{ROOT}.{room}"
    listed = import_module(package).__all__
    own = [name for name in listed if name not in root and not name.startswith("__")]
    return [
        Name(where, name, getattr(import_module(where), name))
        for where, names in ((ROOT, root), (package, own))
        for name in sorted(names, key=_order)
    ]


def _order(name: str) -> tuple[bool, str]:
    return not name[0].isupper() or name.isupper(), name.lower()


def _is_documented(name: str) -> bool:
    home = _exports.home(name)
    return home not in (_exports.FAMILIES, _exports.TOKENIZER_FAMILIES, *RAISING)


class _Pages:
    """The pages so far: each object is described once."""

    def __init__(self) -> None:
        self._entries = {room: _names(room) for room in ROOMS}
        # The path that an object is described under: preferably its own name, of the package itself.
        self._paths: dict[int, str] = {}
        entries = [entry for found in self._entries.values() for entry in found]
        for entry in sorted(entries, key=lambda entry: (not _has_own_name(entry), entry.package != ROOT)):
            self._paths.setdefault(id(entry.value), f"{entry.package}.{entry.name}")
        # The class that lists the members of a base which is not public: the most general one.
        self._with_members: dict[type, str] = {}
        classes = {id(entry.value): entry.value for entry in entries if inspect.isclass(entry.value)}
        derived = Counter(base for cls in classes.values() for base in cls.__mro__[1:])
        for cls in sorted(classes.values(), key=lambda cls: (-derived[cls], len(cls.__name__))):
            for base in cls.__mro__[1:]:
                self._with_members.setdefault(base, self._paths[id(cls)])

    def room(self, room: str) -> str:
        """The page of a room."""
        sections: dict[str, list[str]] = defaultdict(list)
        for entry in self._entries[room]:
            sections[entry.package] += [f"### {entry.name}\n", self._described(entry)]
        text = [f"# {ROOMS[room]}\n"]
        for package, blocks in sections.items():
            text += [f"## {package}\n", *blocks]
        return "\n".join(text)

    def _described(self, entry: Name) -> str:
        path, value = f"{entry.package}.{entry.name}", entry.value
        if inspect.isclass(value) or inspect.isroutine(value):
            described = self._paths[id(value)]
            if described != path:
                return f"Another name of {{py:obj}}`{described}`.\n"
        if inspect.isclass(value):
            members, others = self._members(path, value)
            lines = [f".. autoclass:: {path}", "   :show-inheritance:"]
            lines += [f"   :members: {', '.join(members)}"] if members else []
            is_called = "__call__" in vars(value) and inspect.getdoc(value.__call__)
            lines += ["   :special-members: __call__"] if is_called else []
            lines += ["", f"   Further methods are those of {_joined(others)}."] if others else []
        elif inspect.isroutine(value):
            lines = [f".. autofunction:: {path}"]
        else:
            lines = [f".. py:data:: {path}", *_value(value)]
        return "\n".join(["```{eval-rst}", *lines, "```", ""])

    def _members(self, path: str, cls: type) -> tuple[list[str], list[str]]:
        """The documented public methods and properties, with those of bases that are not public.

        Members of such a base are listed once; the second result is the classes that list the others.
        """
        found: dict[str, None] = {}
        others: dict[str, None] = {}
        general: set[type] = set()
        for base in cls.__mro__:
            if not base.__module__.startswith(ROOT) or base in general:
                continue
            owner = path if base is cls else self._paths.get(id(base)) or self._with_members[base]
            names = _documented(cls, base)
            if owner == path:
                found |= dict.fromkeys(names)
            elif names or id(base) in self._paths:
                others[owner] = None
                general |= set(base.__mro__) if id(base) in self._paths else set()
        return sorted(found), list(others)


def _documented(cls: type, base: type) -> list[str]:
    """The public methods and properties that a class has of a base, with a docstring."""
    return [
        name
        for name, member in vars(base).items()
        if not name.startswith("_")
        and (callable(member) or _is_descriptor(member))
        and inspect.getdoc(getattr(cls, name, None))
    ]


def _has_own_name(entry: Name) -> bool:
    return entry.name == getattr(entry.value, "__name__", None)


def _joined(paths: list[str]) -> str:
    return ", ".join(f":py:class:`{path}`" for path in paths)


def _value(value: Any) -> list[str]:
    text = repr(value)
    if isinstance(value, bool | int | float | str) and len(text) < 60:
        return [f"   :value: {text}"]
    return ["", f"   {type(value).__name__}"] if not inspect.ismodule(value) else ["", "   A module."]


def _is_descriptor(member: object) -> bool:
    return isinstance(member, property | classmethod | staticmethod) or inspect.isdatadescriptor(member)


def _families() -> str:
    rows = []
    for model_type, prefix, _aliases, heads in sorted(_native.families()):
        names = [f"{prefix}Config", families.base_name(prefix), *heads.values()]
        rows.append(f"| `{model_type}` | {_code(dict.fromkeys(names))} |")
    tokenizers = _code(sorted(tokenizer_families.classes()))
    return FAMILIES + "\n".join(rows) + f"\n\n## Tokenizers\n\n{tokenizers}\n"


def _modules() -> str:
    """The modules of transformers that are not those of families."""
    of_families = {*families.modules(), *tokenizer_families.modules()}
    rows = [
        f"| `{ROOT}.{path}` | {_code(_reference.names(path) or ())} |"
        for path in _reference.paths()
        if path not in of_families
    ]
    return MODULES + "\n".join(rows) + "\n"


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
