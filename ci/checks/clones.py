"""Files of model families share no run of more than five significant lines: such a run belongs to nn or to keys.

Run by `make lint-clones`. Lines that open or close something, imports, attributes and comments do not count.
"""

from __future__ import annotations

import re
import sys
from itertools import combinations
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FAMILIES = ROOT / "engine" / "models" / "src" / "families"
MAX_SHARED = 5
INSIGNIFICANT = re.compile(
    r"^(//.*|#\[.*|use .*|(pub(\(crate\))? )?(fn|impl|struct|const|type|mod) .*"
    r"|\.\.[\w:()]+,?|[\W_]*|(Ok\()?Self \{|Self::read\(reader\))$"
)


def significant(file: Path) -> list[tuple[int, str]]:
    """The significant lines with their numbers."""
    lines = file.read_text().split("#[cfg(test)]")[0].splitlines()
    return [(number, line.strip()) for number, line in enumerate(lines, 1) if not INSIGNIFICANT.match(line.strip())]


def shared(left: list[tuple[int, str]], right: list[tuple[int, str]]) -> list[tuple[int, int, int]]:
    """Runs that both hold: where each begins, and how many lines it has."""
    found = []
    lengths: dict[int, int] = {}
    for at, (_, line) in enumerate(left):
        now = {other: lengths.get(other - 1, 0) + 1 for other, (_, text) in enumerate(right) if text == line}
        # A run ends where the next line of either file does not go on with it.
        for other, length in lengths.items():
            if length > MAX_SHARED and other + 1 not in now:
                found.append((left[at - length][0], right[other - length + 1][0], length))
        lengths = now
    return found + [
        (left[len(left) - length][0], right[other - length + 1][0], length)
        for other, length in lengths.items()
        if length > MAX_SHARED
    ]


def main() -> int:
    files = {file: significant(file) for file in sorted(FAMILIES.rglob("*.rs"))}
    count = 0
    for (left, left_lines), (right, right_lines) in combinations(files.items(), 2):
        for left_start, right_start, length in shared(left_lines, right_lines):
            count += 1
            names = f"{left.relative_to(ROOT)}:{left_start} and {right.relative_to(ROOT)}:{right_start}"
            print(f"{names} share {length} lines")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
