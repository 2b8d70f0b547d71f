"""Fails unless each step of a workflow calls an action of a stated version or targets of the Makefile."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent.parent
# A step that is neither make nor an action needs what only the hosted runner has, and its name says so.
HOSTED = "(hosted only)"
PINNED = re.compile(r"^[\w.-]+/[\w./-]+@([0-9a-f]{40}|v\d+(\.\d+)*|release/v1)$")


def complaints(step: dict[str, Any], targets: set[str]) -> list[str]:
    """The faults of a step."""
    if "uses" in step:
        return [] if PINNED.match(step["uses"]) else [f"{step['uses']} has no version"]
    wrong = []
    hosted = HOSTED in step.get("name", "")
    for line in step["run"].splitlines():
        words = shlex.split(line)
        if words[:1] != ["make"]:
            if not hosted:
                wrong.append(f"{line!r} is not a make target; what only the hosted runner can do is named {HOSTED}")
            continue
        called = [word for word in words[1:] if "=" not in word]
        wrong += [f"there is no target {word}" for word in called if word not in targets]
    return wrong


def main() -> None:
    """Checks all workflows."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    wrong, steps = [], 0
    for file in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        workflow = YAML(typ="safe").load(file.read_text())
        jobs = workflow["jobs"]
        for name, job in jobs.items():
            needs = job.get("needs", [])
            missing = {needs} - set(jobs) if isinstance(needs, str) else set(needs) - set(jobs)
            wrong += [f"{file.name}: {name} needs {job}, which is not there" for job in sorted(missing)]
            for step in job.get("steps", []):
                steps += 1
                wrong += [f"{file.name}: {name}: {what}" for what in complaints(step, targets)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{steps} steps call targets that are there")


if __name__ == "__main__":
    main()
