"""Crates use each other in one direction, and no files of a crate use each other in a circle.

Run by `make lint-imports`; `--graph` prints what uses what.
"""

import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Crates from the ground up: each uses only those of earlier lines.
LAYERS = [
    ["trustformers-core", "trustformers-kernels", "trustformers-tile-emulator"],
    ["trustformers-ops"],
    [
        "trustformers-nn",
        "trustformers-tensor",
        "trustformers-tokenizers",
        "trustformers-hub",
    ],
    ["trustformers-checkpoint", "trustformers-training"],
    ["trustformers-models"],
    ["trustformers-generation"],
    ["trustformers-pipelines"],
    ["trustformers"],
    ["trustformers-python", "trustformers-uniffi", "trustformers-uniffi-bindgen"],
    ["trustformers-stubs", "trustformers-cpu", "trustformers-cuda", "trustformers-rocm", "trustformers-metal"],
]

USE = re.compile(r"^\s*(pub(?:\([a-z ]+\))? )?use ([^;]+);", re.M)
INLINE = re.compile(r"(?<![\w:])((?:crate|super)(?:::\w+)+)")


def leaves(path: str) -> list[str]:
    """The paths of a `use`, with braces taken apart: `a::{b, c::d as e}` is `a::b` and `a::c::d`."""
    path = path.strip()
    if not path.endswith("}"):
        return [path.split(" as ")[0].strip()]
    prefix, inside = path[: path.index("{")], path[path.index("{") + 1 : -1]
    parts, depth, start = [], 0, 0
    for at, character in enumerate(inside + ","):
        depth += (character == "{") - (character == "}")
        if character == "," and depth == 0:
            parts.append(inside[start:at])
            start = at + 1
    return [prefix + leaf for part in parts if part.strip() for leaf in leaves(part)]


def modules(source: Path) -> dict[tuple[str, ...], Path]:
    """The files of a crate by the path of their module."""
    found = {}
    for file in source.rglob("*.rs"):
        parts = file.relative_to(source).with_suffix("").parts
        if parts[-1] in ("lib", "main", "mod"):
            parts = parts[:-1]
        found[parts] = file
    return found


def absolute(path: str, module: tuple[str, ...]) -> tuple[str, ...] | None:
    parts = path.split("::")
    if parts[0] == "crate":
        return tuple(parts[1:])
    if parts[0] not in ("super", "self"):
        return None
    base = module
    while parts and parts[0] in ("super", "self"):
        base = base[:-1] if parts.pop(0) == "super" else base
    return (*base, *parts)


def file_graph(source: Path) -> dict[Path, set[Path]]:
    """Which file of a crate uses which; a name that a module only passes on counts for the file that defines it."""
    files = modules(source)
    texts = {module: file.read_text().split("#[cfg(test)]")[0] for module, file in files.items()}
    passed: dict[tuple[str, ...], tuple[str, ...]] = {}
    for module, text in texts.items():
        for public, path in USE.findall(text):
            for leaf in leaves(" ".join(path.split())):
                parts = leaf.split("::")
                target = absolute(leaf, module)
                if target is None and (*module, parts[0]) in files:
                    target = (*module, *parts)
                if public and target:
                    passed[(*module, parts[-1])] = target

    def home(path: tuple[str, ...], seen: frozenset[tuple[str, ...]] = frozenset()) -> Path | None:
        if path in passed and path not in seen:
            return home(passed[path], seen | {path})
        for end in range(len(path), 0, -1):
            if path[:end] in passed and path[:end] not in seen:
                return home((*passed[path[:end]], *path[end:]), seen | {path[:end]})
            if path[:end] in files:
                return files[path[:end]]
        return None

    graph: dict[Path, set[Path]] = defaultdict(set)
    for module, text in texts.items():
        body = re.sub(r"//.*", "", text)
        used = [leaf for public, path in USE.findall(body) if not public for leaf in leaves(" ".join(path.split()))]
        used += INLINE.findall(USE.sub("", body))
        for leaf in used:
            target = absolute(leaf, module)
            to = home(target) if target else None
            if to is None or to == files[module] or to.name == "lib.rs":
                continue
            # A module lists the files below it, and they use what it lays down for them.
            if files[module].name == "mod.rs" and files[module].parent in to.parents:
                continue
            graph[files[module]].add(to)
    return graph


def circles(graph: dict[Path, set[Path]]) -> list[list[Path]]:
    """The strongly connected groups of more than one file (Tarjan's algorithm)."""
    index: dict[Path, int] = {}
    low: dict[Path, int] = {}
    stack: list[Path] = []
    found = []

    def visit(node: Path) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = []
            while True:
                group.append(stack.pop())
                if group[-1] == node:
                    break
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def crate_graph() -> dict[str, set[str]]:
    graph = {}
    for manifest in [
        *ROOT.glob("engine/*/Cargo.toml"),
        *ROOT.glob("bindgen/*/Cargo.toml"),
        *ROOT.glob("python-packages/*/Cargo.toml"),
    ]:
        text = manifest.read_text()
        name = re.search(r'^name = "([^"]+)"', text, re.M)
        dependencies = re.search(r"^\[dependencies\]\n((?:[^\[\n].*\n|\n)*)", text, re.M)
        if name and dependencies:
            graph[name[1]] = set(re.findall(r"^(trustformers[a-z-]*)", dependencies[1], re.M))
    return graph


def main() -> int:
    faults = []
    layer = {crate: number for number, crates in enumerate(LAYERS) for crate in crates}
    for crate, used in sorted(crate_graph().items()):
        if crate not in layer:
            faults.append(f"{crate} has no place in LAYERS")
            continue
        faults += [f"{crate} uses {other}, which is not below it" for other in used if layer[other] >= layer[crate]]
    for source in sorted([*ROOT.glob("engine/*/src"), *ROOT.glob("bindgen/*/src")]):
        graph = file_graph(source)
        if "--graph" in sys.argv:
            for file, used in sorted(graph.items()):
                print(file.relative_to(ROOT), "->", *sorted(str(other.relative_to(source)) for other in used))
        for group in circles(graph):
            faults.append("in a circle: " + ", ".join(str(file.relative_to(ROOT)) for file in group))
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
