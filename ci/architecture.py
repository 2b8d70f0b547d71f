"""Writes the generated part of docs/architecture.md: which crate uses which, and what each one and its rooms are for.

`make architecture` writes it; `make check` fails when the file is not what this would write (`--check`).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import generated_part

sys.path.insert(0, str(Path(__file__).parent / "checks"))
from imports import LAYERS, ROOT, crate_graph, file_graph

DOCUMENT = ROOT / "docs" / "architecture.md"
FOLDERS = {
    "trustformers-python": "bindgen/python",
    "trustformers-stubs": "bindgen/stubs",
    "trustformers-uniffi": "bindgen/uniffi",
    "trustformers-uniffi-bindgen": "bindgen/uniffi-bindgen",
    "trustformers": "engine/trustformers",
}


def folder(crate: str) -> str:
    return FOLDERS.get(crate, f"engine/{crate.removeprefix('trustformers-')}")


def root_file(crate: str) -> Path:
    """The file that a library or a program begins with."""
    source = ROOT / folder(crate) / "src"
    return source / "lib.rs" if (source / "lib.rs").is_file() else source / "main.rs"


def first_paragraph(file: Path) -> str:
    """The first paragraph of a file's `//!` comment, as one line, without rustdoc's links to items."""
    lines = re.findall(r"^//! ?(.*)$", file.read_text(), re.M)
    paragraph = lines[: lines.index("")] if "" in lines else lines
    return re.sub(r"\[([^\]]+)\]\([\w:]+\)", r"\1", " ".join(paragraph))


def crates() -> list[str]:
    return [crate for layer in LAYERS for crate in layer if (ROOT / folder(crate)).is_dir()]


def picture() -> list[str]:
    """Crates with an arrow to each crate that they use, without arrows that follow from others."""
    graph = {crate: used for crate, used in crate_graph().items() if crate in crates()}

    def reached(crate: str) -> set[str]:
        return set().union(*({other} | reached(other) for other in graph[crate])) if graph[crate] else set()

    lines = ["```mermaid", "graph TD"]
    for crate in reversed(crates()):
        below = graph[crate]
        direct = {other for other in below if not any(other in reached(between) for between in below)}
        lines += [f"  {folder(crate).split('/')[1]} --> {folder(other).split('/')[1]}" for other in sorted(direct)]
    return [*lines, "```"]


def rooms(source: Path) -> list[str]:
    """A line for each room of a crate: what it is for, and which rooms it uses."""
    graph = file_graph(source)
    lines = []

    def room_of(file: Path) -> str | None:
        parts = file.relative_to(source).parts
        return parts[0] if len(parts) > 1 else None

    for module in sorted(source.glob("*/mod.rs")):
        name = module.parent.name
        used = {room_of(to) for file, others in graph.items() if room_of(file) == name for to in others}
        uses = ", ".join(sorted(room for room in used if room and room != name))
        lines.append(f"| `{source.parent.name}/{name}/` | {first_paragraph(module)} | {uses} |")
    return lines


def part() -> list[str]:
    lines = [*picture(), "", "| crate | what it is for |", "|---|---|"]
    lines += [f"| `{folder(crate)}` | {first_paragraph(root_file(crate))} |" for crate in crates()]
    found = [line for crate in crates() for line in rooms(ROOT / folder(crate) / "src")]
    return [*lines, "", "| room | what it is for | rooms of the crate that it uses |", "|---|---|---|", *found]


if __name__ == "__main__":
    sys.exit(generated_part.write(DOCUMENT, "architecture", part(), checks="--check" in sys.argv))
