"""How many of the names that installed libraries import from transformers trustformers has, weighted by use:
`REFERENCE names.py`, with the module on PYTHONPATH.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import trustformers.alias  # noqa: F401  # `transformers` is trustformers from here on
from clients import CLIENTS
from trustformers import _reference
from trustformers.utils import other_families, refused

ABSENT = "absent"
REFUSED = "imported, but refused when used"
WORKS = "works"
GONE = "gone from 5.23, or private"
OTHER = "not about text"
REFUSES = {*refused.__all__, *other_families.__all__}
TOPICS = ("images", "audio", "time series", "proteins", "decision")


def uses(folder: Path) -> Counter[tuple[str, str]]:
    """The imports and attributes of transformers in the source of a library."""
    found: Counter[tuple[str, str]] = Counter()
    for file in folder.rglob("*.py"):
        try:
            nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8", errors="replace")))
        except SyntaxError:
            continue
        for node in nodes:
            if isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.update((node.module, alias.name) for alias in node.names)
            elif isinstance(node, ast.Import):
                found.update((alias.name, "") for alias in node.names if "." in alias.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found[node.value.id, node.attr] += 1
    return Counter({use: count for use, count in found.items() if use[0].split(".")[0] == "transformers"})


def state(module: str, name: str) -> str:
    """What becomes of an import."""
    path = module.removeprefix("transformers").lstrip(".")
    reason = _reference.reason_of_name(name) or _reference.reason_of_module(path) or ""
    if any(topic in reason for topic in TOPICS):
        return OTHER
    try:
        found = import_module(module)
        if name and name != "*" and not hasattr(found, name):
            import_module(f"{module}.{name}")
    except ImportError:
        return ABSENT if reason else GONE
    return REFUSED if name in REFUSES else WORKS


def main() -> None:
    """Prints a line for each library, and one for all."""
    total: Counter[str] = Counter()
    for folder in sorted({name for client in CLIENTS for name in client.modules}):
        spec = find_spec(folder)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            states: Counter[str] = Counter()
            for use, count in uses(Path(place)).items():
                states[state(*use)] += count
                if "-v" in sys.argv and state(*use) == ABSENT:
                    print(f"    {count} {'.'.join(use)}")
            print(f"{folder}: {dict(states)}")
            total += states
    about_text = total[WORKS] + total[REFUSED] + total[ABSENT]
    print(f"all: {dict(total)}")
    print(
        f"of {about_text} uses of names about text in 5.23, {total[WORKS] / about_text:.1%} work, and "
        f"{(total[WORKS] + total[REFUSED]) / about_text:.1%} are imported"
    )


if __name__ == "__main__":
    main()
