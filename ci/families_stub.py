"""Writes the type stub of trustformers.models.families, whose classes are made when the module is first used.

With the wheels installed, in python-packages/trustformers/src/trustformers/models:

    python ../../../../../ci/families_stub.py > families.pyi
"""

from __future__ import annotations

from trustformers.models import families

HEADER = '''"""The configuration and model classes of every family. Written by ci/families_stub.py."""

from typing import Any

from trustformers.models.configuration import PreTrainedConfig
from trustformers.models.heads import (
    BaseModel,
    ModelForCausalLM,
    ModelForMaskedLM,
    ModelForQuestionAnswering,
    ModelForSequenceClassification,
    ModelForTokenClassification,
)
from trustformers.models.base import PreTrainedModel

'''


def stub() -> str:
    """The text of families.pyi."""
    classes = families.classes()
    lines = [HEADER, "__all__ = [", *(f'    "{name}",' for name in sorted(classes)), "]", ""]
    lines += ["def classes() -> dict[str, type[Any]]: ..."]
    lines += ["def model_class(model_type: str, head: str) -> type[PreTrainedModel]: ...", ""]
    for name, kind in sorted(classes.items()):
        lines.append(f"class {name}({kind.__base__.__name__}): ...")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(stub(), end="")
