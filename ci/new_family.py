"""Lays out a family of models from a similar one: its file, its line in the registry, the settings of its golden.

    make new-family NAME=foo LIKE=llama

The file is a copy whose names are those of the new family; docs/adding-a-model.md says what comes next.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FAMILIES = ROOT / "engine" / "models" / "src" / "families"


def class_prefix(name: str) -> str:
    """`gpt_neo` and `xlm-roberta` as names of classes begin: `GptNeo`, `XlmRoberta`."""
    return "".join(part.capitalize() for part in re.split(r"[-_.]", name))


def with_line(lines: list[str], line: str, begins: str, start: int = 0) -> list[str]:
    """The lines with another one, in its place among the sorted lines that begin with `begins`, after line `start`."""
    block = [at for at, known in enumerate(lines) if at >= start and known.startswith(begins)]
    # The first run of neighbors is the block.
    block = [at for order, at in enumerate(block) if at == block[0] + order]
    at = next((at for at in block if lines[at] > line), block[-1] + 1)
    return [*lines[:at], line, *lines[at:]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help="the model_type, as config.json writes it")
    parser.add_argument("like", help="the file of the family to begin with, such as llama or bert")
    arguments = parser.parse_args()
    name, module = arguments.name, re.sub(r"[-.]", "_", arguments.name)
    source, target = FAMILIES / f"{arguments.like}.rs", FAMILIES / f"{module}.rs"
    if not source.is_file():
        print(f"LIKE={arguments.like}: there is no {source.relative_to(ROOT)}")
        return 1
    if target.exists():
        print(f"NAME={name}: {target.relative_to(ROOT)} is there already")
        return 1
    text = source.read_text()
    configs = re.findall(r"^impl (?:En|De)coderFamily for (\w+) \{", text, re.M)
    types = re.search(r"const TYPES: [^=]*=\s*&\[\(\"([^\"]+)\", \"([^\"]+)\"\)", text)
    if len(configs) != 1 or types is None:
        print(f"LIKE={arguments.like}: the file holds several families; choose one with a single configuration")
        return 1
    prefix = class_prefix(name)
    text = text.replace(configs[0], f"{prefix}Config").replace(
        f'("{types[1]}", "{types[2]}")', f'("{name}", "{prefix}")'
    )
    lines = text.splitlines()
    rest = next(at for at, line in enumerate(lines) if not line.startswith("//!"))
    opening = [
        f"//! {prefix}: the {arguments.like} model, but for ...",
        "//! Config keys and weight names: OWNER/REPOSITORY; paper arXiv ...",
    ]
    target.write_text("\n".join([*opening, *lines[rest:]]) + "\n")

    registry = FAMILIES / "mod.rs"
    lines = registry.read_text().splitlines()
    lines = with_line(lines, f"mod {module};", "mod ")
    traits = {"EncoderFamily": "encoders", "DecoderFamily": "decoders", "EncoderDecoderFamily": "seq2seq"}
    side = next(side for trait, side in traits.items() if f"impl {trait} " in text)
    members = "encoder_decoders" if side == "seq2seq" else side
    start = next(at for at, line in enumerate(lines) if line.strip().startswith(f"{members}, "))
    lines = with_line(lines, f"        {module}::{prefix}Config,", "        ", start + 1)
    registry.write_text("\n".join(lines) + "\n")

    golden = ROOT / "tests" / "goldens" / side / "settings.py"
    text = golden.read_text()
    settings = next(
        node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "SETTINGS"
    )
    if not isinstance(settings, ast.Dict):
        raise TypeError(f"{golden}: SETTINGS is no dict")
    known = {
        key.value: value
        for key, value in zip(settings.keys, settings.values, strict=True)
        if isinstance(key, ast.Constant)
    }
    entry = ast.get_source_segment(text, known[types[1]]) if types[1] in known else "{}"
    lines = text.splitlines()
    end = settings.end_lineno or 0
    golden.write_text("\n".join([*lines[: end - 1], f'    "{name}": {entry},', *lines[end - 1 :]]) + "\n")
    for file in (target, registry, golden):
        print(file.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
