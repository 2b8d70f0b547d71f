"""Draws `graph TD` of Mermaid as an SVG, without a script in the page."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import Directive

if TYPE_CHECKING:
    from sphinx.application import Sphinx

__all__ = ["setup", "svg"]

# Sizes in pixels: of a box, of the space beside it, of a line that passes a row, and of a row.
BOX, HEIGHT, GAP, LANE, ROW = 116, 30, 14, 28, 76
# A node, or the lane of a line in a row that it passes.
Item = str | tuple[str, str, int]


def rows_of(edges: list[tuple[str, str]]) -> dict[int, list[Item]]:
    """Nodes in rows, each below all that point to it, with a lane for every line that passes a row."""
    names = dict.fromkeys(name for edge in edges for name in edge)
    sources = {name: [source for source, target in edges if target == name] for name in names}

    def depth(name: str) -> int:
        return 1 + max(map(depth, sources[name]), default=-1)

    level = {name: depth(name) for name in names}
    above: dict[Item, list[Item]] = defaultdict(list)
    rows: dict[int, list[Item]] = defaultdict(list)
    for name in names:
        rows[level[name]].append(name)
    for source, target in edges:
        path = lanes(source, target, level)
        for item in path[1:-1]:
            rows[item[2]].append(item)  # type: ignore[index]  # a lane
        for upper, lower in zip(path, path[1:], strict=False):
            above[lower].append(upper)
    place: dict[Item, float] = {}
    for row in (rows[number] for number in sorted(rows)):
        # Each below the middle of what is above it, so that lines cross little.
        row.sort(key=lambda item: sum(place[one] for one in above[item]) / max(1, len(above[item])))
        place |= {item: index - len(row) / 2 for index, item in enumerate(row)}
    return rows


def lanes(source: str, target: str, level: dict[str, int]) -> list[Item]:
    """What a line goes through."""
    return [source, *((source, target, number) for number in range(level[source] + 1, level[target])), target]


def svg(text: str) -> str:
    """The picture of lines such as `a --> b`."""
    arrows = (line.partition("-->") for line in text.splitlines() if "-->" in line)
    edges = [(source.strip(), target.strip()) for source, _, target in arrows]
    rows = rows_of(edges)
    widths = {number: sum(_width(item) + GAP for item in row) for number, row in rows.items()}
    width = max(widths.values())
    place: dict[Item, tuple[float, float]] = {}
    for number, row in rows.items():
        left = (width - widths[number]) / 2
        for item in row:
            place[item] = (left + (_width(item) + GAP) / 2, number * ROW + HEIGHT)
            left += _width(item) + GAP
    level = {item: number for number, row in rows.items() for item in row if isinstance(item, str)}
    lines = [f'<path d="{_line([place[item] for item in lanes(*edge, level)])}"/>' for edge in edges]
    boxes = [_box(name, *place[name]) for name in level]
    size = f'viewBox="0 0 {width} {len(rows) * ROW}" style="max-width:{width}px"'
    return f'<svg class="graph" role="img" {size}>{"".join(lines)}{"".join(boxes)}</svg>'


def _width(item: Item) -> int:
    return BOX if isinstance(item, str) else LANE


def _line(points: list[tuple[float, float]]) -> str:
    (x, y), *others = points
    path = f"M{x} {y + HEIGHT / 2}"
    for number, (next_x, next_y) in enumerate(others, 1):
        start = y + HEIGHT / 2
        end = next_y - HEIGHT / 2
        middle = (start + end) / 2
        path += f"C{x} {middle} {next_x} {middle} {next_x} {end}"
        if number < len(others):
            path += f"V{next_y + HEIGHT / 2}"
        x, y = next_x, next_y
    return path


def _box(name: str, x: float, y: float) -> str:
    box = f'<rect x="{x - BOX / 2}" y="{y - HEIGHT / 2}" width="{BOX}" height="{HEIGHT}" rx="5"/>'
    return f'{box}<text x="{x}" y="{y + 5}">{escape(name)}</text>'


class Graph(Directive):  # type: ignore[misc]  # docutils has no types
    """The directive `mermaid`."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        return [nodes.raw("", svg("\n".join(self.content)), format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Registers the directive."""
    app.add_directive("mermaid", Graph)
    return {"parallel_read_safe": True}
