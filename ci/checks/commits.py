"""Messages of commits: `type(scope): Imperative summary` in at most 72 characters, then an empty line.

Without arguments, the commits since this check came; with a file (as the commit-msg hook has it), the message in it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TYPES = "feat|fix|perf|refactor|docs|test|build|ci|chore"
SUMMARY = re.compile(rf"(?:{TYPES})(?:\([a-z0-9-]+\))?: (?P<verb>[A-Z][\w'-]*)(?: .*)?")
MAX_LENGTH = 72
# Messages that git writes.
WRITTEN_BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ")


def faults(message: str) -> list[str]:
    """The faults of a message; empty without any."""
    lines = message.splitlines() or [""]
    summary = lines[0]
    if summary.startswith(WRITTEN_BY_GIT):
        return []
    found = []
    match = SUMMARY.fullmatch(summary)
    if match is None:
        found.append(f"expected `type(scope): Imperative summary` with one of {TYPES.replace('|', ', ')}")
    elif match["verb"].endswith(("ed", "ing")) and match["verb"] not in (
        "Embed",
        "Feed",
        "Need",
        "Bring",
        "Shed",
        "Seed",
    ):
        found.append(f'"{match["verb"]}" is not imperative')
    if len(summary) > MAX_LENGTH:
        found.append(f"the summary has {len(summary)} characters, at most {MAX_LENGTH} are allowed")
    if summary.endswith("."):
        found.append("the summary ends with a full stop")
    if len(lines) > 1 and lines[1]:
        found.append("the second line is not empty")
    return found


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def main() -> int:
    if len(sys.argv) > 1:
        text = Path(sys.argv[1]).read_text(encoding="utf-8")
        messages = {"this message": "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip()}
    else:
        first = git("log", "--diff-filter=A", "--format=%H", "--", "ci/checks/commits.py").split()
        if not first or git("rev-parse", "--is-shallow-repository").strip() == "true":
            return 0
        commits = git("rev-list", f"{first[-1]}..HEAD").split()
        messages = {commit[:12]: git("log", "-1", "--format=%B", commit).strip() for commit in commits}
    wrong = [f"{name}: {fault}" for name, message in messages.items() for fault in faults(message)]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
