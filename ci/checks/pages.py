"""Fails on blocks of the documentation's pages that are not executed and do not say why.

A block of Python or of a shell in docs/index.md and docs/guide is a `{code-cell}`, which the build executes, or is
followed by a paragraph that begins with *Not run: * and the reason.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
# Blocks of languages that a reader would copy and run.
BLOCK = re.compile(
    r"^(`{3,}|:{3,})(python|py|pycon|bash|console|sh|shell|\{code-block\} python)\n.*?^\1\n", re.M | re.S
)
REASON = re.compile(r"\s*\*Not run: ")


def complaints(page: Path) -> list[str]:
    """A line for each block that neither runs nor says why."""
    text = page.read_text(encoding="utf-8") + "\n"
    blocks = [block for block in BLOCK.finditer(text) if not REASON.match(text, block.end())]
    lines = [text.count("\n", 0, block.start()) + 1 for block in blocks]
    return [f"{page.name}:{line}: make it a {{code-cell}}, or say after it why it is *Not run: ...*" for line in lines]


def main() -> None:
    docs = ROOT / "docs"
    pages = [docs / "index.md", *sorted((docs / "guide").rglob("*.md"))]
    found = [line for page in pages for line in complaints(page)]
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
