"""Writes the type stubs of modules whose names are looked up on first use, and of transformers' module paths.

Run with the wheels installed. `python ci/python_stubs.py` writes them into python-packages, `--check` names stale ones.
The stubs of transformers' paths are in python-packages/trustformers/stubs, which the wheel merges with the package.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trustformers import _exports, _reference
from trustformers.models import families
from trustformers.models.configuration import PreTrainedConfig as Configuration
from trustformers.tokenizers import families as tokenizers

PACKAGE = Path(__file__).parent.parent / "python-packages/trustformers/src/trustformers"
PATHS = PACKAGE.parent.parent / "stubs"
VIEWS = PACKAGE / "_views"
ROOMS = (
    *("", "distributed", "generation", "models", "peft", "pipelines", "runtime", "tensor", "tokenizers", "training"),
    "utils",
)
# Attributes of trustformers that are modules.
MODULES = (*ROOMS[1:], "errors", "ray", "safetensors")
NOTE = "Written by ci/python_stubs.py."
FAMILIES = f'''"""The configuration and model classes of every family. {NOTE}"""

from typing import Any

from trustformers.models.configuration import PreTrainedConfig
from trustformers.models.heads import (
    BaseModel,
    ModelForCausalLM,
    ModelForMaskedLM,
    ModelForQuestionAnswering,
    ModelForSequenceClassification,
    ModelForTokenClassification,
    TextEncoder,
)
from trustformers.models.base import PreTrainedModel
from trustformers.models.seq2seq import (
    Seq2SeqBaseModel,
    Seq2SeqForConditionalGeneration,
    Seq2SeqForQuestionAnswering,
    Seq2SeqForSequenceClassification,
)

'''


def of_families() -> str:
    """The stub of trustformers.models.families."""
    classes = families.classes()
    lines = [FAMILIES, *listed(sorted(classes))]
    lines += ["FILES: dict[str, tuple[str, str]]", "TEXT_ENCODERS: tuple[str, ...]"]
    lines += ["def classes() -> dict[str, type[Any]]: ..."]
    lines += ["def modules() -> dict[str, dict[str, type[Any]]]: ...", "def base_name(prefix: str) -> str: ..."]
    lines += ["def model_class(model_type: str, head: str) -> type[PreTrainedModel]: ..."]
    lines += ['def text_encoder_class(model_type: str, _head: str = "encoder") -> type[PreTrainedModel]: ...', ""]
    for name, kind in sorted(classes.items()):
        keys = [f"    {line}" for line in of_keys(kind)] if issubclass(kind, Configuration) else []
        bases = ", ".join(base.__name__ for base in kind.__bases__)
        lines += [f"class {name}({bases}):", *keys, ""] if keys else [f"class {name}({bases}): ..."]
    return "\n".join(lines) + "\n"


def of_keys(kind: type[Configuration]) -> list[str]:
    """The attributes of a family's configurations: their keys, and other names of keys."""
    config: Any = kind()
    kinds: dict[str, str] = {}
    for name in kind._defaults:
        if name not in Configuration._defaults:
            value = getattr(config, name)
            # A key that may be null has any type, so that programs that expect a number need not ask for None.
            kinds[name] = "Any" if value is None or name in kind._nullable else of_value(value)
    for other, name in kind.attribute_map.items():
        kinds |= {other: kinds.get(name, "Any"), name: kinds.get(name, kinds.get(other, "Any"))}
    return [f"{name}: {found}" for name, found in kinds.items()]


def of_value(value: object) -> str:
    """The type of a value."""
    if isinstance(value, list):
        kinds = {of_value(element) for element in value}
        return f"list[{kinds.pop() if len(kinds) == 1 else 'Any'}]"
    return "dict[str, Any]" if isinstance(value, dict) else type(value).__name__


def of_tokenizers() -> str:
    """The stub of trustformers.tokenizers.families."""
    classes = tokenizers.classes()
    lines = [f'"""The tokenizer classes of families. {NOTE}"""', ""]
    translation = "FairseqLanguages, Sentinels, TwoVocabularies, UnderscoredLanguages"
    lines += ["from trustformers.tokenizers.fast import TokenizersBackend"]
    lines += [f"from trustformers.tokenizers.translation import {translation}", "", *listed(sorted(classes))]
    lines += ["def classes() -> dict[str, type[TokenizersBackend]]: ..."]
    lines += ["def modules() -> dict[str, dict[str, type[TokenizersBackend]]]: ..."]
    lines += ["def tokenizer_class(name: str) -> type[TokenizersBackend]: ...", ""]
    for name, kind in sorted(classes.items(), key=lambda item: (item[0] != item[1].__name__, item[0])):
        base = kind.__mro__[1].__name__
        lines.append(f"class {name}({base}): ..." if name == kind.__name__ else f"{name} = {kind.__name__}")
    return "\n".join(lines) + "\n"


def of_package(package: str) -> str:
    """The stub of a package, whose names are those of `_exports.py`."""
    homes = _exports.homes(package)
    for name in _reference.names(package.partition(".")[2]) or ():
        homes.setdefault(name, _exports.home(name))
    modules: dict[str, list[str]] = {}
    for name, module in homes.items():
        modules.setdefault(f"trustformers.{module}", []).append(name)
    names = sorted(homes)
    if package == "trustformers":
        modules["trustformers"] = [*MODULES]
        modules["trustformers._version"] = ["__version__"]
        names.append("__version__")
    lines = [f'"""Names of {package}. {NOTE}"""', ""]
    for module, found in sorted(modules.items()):
        lines += [f"from {module} import {name} as {name}" for name in sorted(found)]
    if package in _exports.WITH_FAMILIES:
        lines.append(f"from trustformers.{_exports.FAMILIES} import *")
        lines.append(f"from trustformers.{_exports.TOKENIZER_FAMILIES} import *")
    return "\n".join([*lines, "", *listed(names)])


def of_path(path: str, names: list[str]) -> str:
    """The stub of a module path of transformers."""
    homes: dict[str, list[str]] = {}
    for name in names:
        # A name that is a module.
        home = "utils" if name == "logging" else _exports.home(name)
        homes.setdefault(f"trustformers.{home}", []).append(name)
    lines = [f'"""Names of transformers.{path}. {NOTE}"""', ""]
    for module, found in sorted(homes.items()):
        lines += [f"from {module} import {name} as {name}" for name in sorted(found)]
    return "\n".join([*lines, "", *listed(sorted(names))])


def of_paths() -> dict[str, str]:
    """The stubs of transformers' module paths that have no file, by file."""
    modules = {path: _reference.names(path) or [] for path in _reference.paths()}
    found = {}
    for path, names in modules.items():
        file = path.replace(".", "/")
        if not ((PACKAGE / f"{file}.py").is_file() or (PACKAGE / file / "__init__.py").is_file()):
            is_package = any(other.startswith(f"{path}.") for other in modules)
            found[f"{file}/__init__.pyi" if is_package else f"{file}.pyi"] = of_path(path, names)
    return found


def of_views() -> dict[str, str]:
    """The stubs of what modules with a file look up on first use, by file: `if TYPE_CHECKING` imports them."""
    found = {}
    for path in _reference.paths():
        file = PACKAGE / path.replace(".", "/")
        source = next((one for one in (file.with_suffix(".py"), file / "__init__.py") if one.is_file()), None)
        if source is not None and not source.with_suffix(".pyi").is_file():
            own = set(defined(ast.parse(source.read_text()).body))
            if others := [name for name in _reference.names(path) or [] if name not in own]:
                found[f"{path.replace('.', '_')}.pyi"] = of_path(path, others)
    return found


def defined(body: list[ast.stmt]) -> Iterator[str]:
    """The names that statements define, or import for others."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            yield from names
            if names == ["__all__"] and node.value is not None:
                yield from ast.literal_eval(node.value)
        elif isinstance(node, ast.If):
            yield from defined(node.body)


def listed(names: list[str]) -> list[str]:
    """The lines of an `__all__`."""
    return ["__all__ = [", *(f'    "{name}",' for name in names), "]", ""]


def stubs() -> dict[Path, str]:
    """The text of each stub, by file."""
    rooms = {PACKAGE / room / "__init__.pyi": of_package(f"trustformers.{room}".rstrip(".")) for room in ROOMS}
    paths = {PATHS / file: text for file, text in of_paths().items()}
    views = {VIEWS / file: text for file, text in of_views().items()}
    classes = {PACKAGE / "models/families.pyi": of_families(), PACKAGE / "tokenizers/families.pyi": of_tokenizers()}
    return {**classes, **rooms, **paths, **views}


def main() -> None:
    """Writes the stubs, or names those that are stale."""
    wanted = stubs()
    stale = {file: text for file, text in wanted.items() if not file.is_file() or file.read_text() != text}
    left = [file for folder in (PATHS, VIEWS) for file in folder.rglob("*.pyi") if file not in wanted]
    if "--check" in sys.argv:
        sys.exit("\n".join(f"{file}: stale; run ci/python_stubs.py" for file in [*stale, *left]) or None)
    for file, text in stale.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        print(file)
    for file in left:
        file.unlink()
        print(f"{file}: removed")


if __name__ == "__main__":
    main()
