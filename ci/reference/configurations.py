"""Writes the keys of every family's configuration in transformers, with their defaults, as a table of the package.

Run with the reference installed: `python ci/reference/configurations.py` writes models/configuration_keys.py. The
families are those of models/families.pyi.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import re
import warnings
from pathlib import Path
from typing import Any

import transformers
from transformers import PreTrainedConfig

MODELS = Path(__file__).resolve().parents[2] / "python-packages/trustformers/src/trustformers/models"
OUT = MODELS / "configuration_keys.py"
# Attributes of classes that are no keys of `config.json`, and differ between families.
OF_CLASSES = ("default_theta", "keys_to_ignore_at_inference", "tie_word_embeddings")
HEADER = '''"""Keys of the configurations of transformers {version}: written by ci/reference/configurations.py.

A line has a family's `model_type`, and its keys with their defaults. A question mark follows a key that may be null, an
at sign precedes an attribute of the class that is no key.
"""
# ruff: noqa: E501

KEYS = """
'''


def may_be_null(cls: type[Any], key: str) -> bool:
    """Whether a key that is null stays null."""
    try:
        return getattr(cls(**{key: None}), key) is None
    except Exception:  # noqa: BLE001  # any refusal says no
        return False


def line(cls: type[Any]) -> str:
    """The line of a family."""
    common = {field.name: field.default for field in dataclasses.fields(PreTrainedConfig)}
    keys = {field.name for field in dataclasses.fields(cls)}
    found = [cls.model_type]
    for name in OF_CLASSES:
        if name not in keys and getattr(cls, name, None) != getattr(PreTrainedConfig, name, None):
            found.append(f"@{name}={json.dumps(getattr(cls, name), separators=(',', ':'))}")
    for field in dataclasses.fields(cls):
        # Some families change the default of a key that all have.
        if field.name not in common or field.default not in {common[field.name], dataclasses.MISSING}:
            default = None if field.default is dataclasses.MISSING else field.default
            if field.default_factory is not dataclasses.MISSING:
                default = field.default_factory()
            mark = "?" if may_be_null(cls, field.name) else ""
            found.append(f"{field.name}{mark}={json.dumps(default, separators=(',', ':'))}")
    if any(" " in part for part in found):
        raise ValueError(f"{cls.model_type}: a value has a space, which separates the keys of the table")
    return " ".join(found)


def main() -> None:
    """Writes the table."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    names = re.findall(r"^class (\w+Config)\(", (MODELS / "families.pyi").read_text(encoding="utf-8"), re.MULTILINE)
    lines = sorted(line(getattr(transformers, name)) for name in names)
    text = HEADER.format(version=transformers.__version__) + "\n".join(lines) + '\n"""\n'
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
