"""Command lines, versions, activations and mappings beside transformers'. `make parity` runs it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, Optional, Union

import pytest
import torch
import transformers.activations
import transformers.hf_argparser
import transformers.models.auto.modeling_auto as auto
import trustformers.activations
import trustformers.hf_argparser
from packaging.version import Version
from trustformers.models import mappings
from trustformers.utils.requirements import version_key


class Letter(Enum):
    A = "a"
    B = "b"
    C = 3


@dataclass
class Arguments:
    steps: int
    rate: float = 1.5
    name: Optional[str] = None  # noqa: UP045  # what scripts write
    fast: bool = False
    shuffle: bool = field(default=True, metadata={"help": "shuffles"})
    maybe: Optional[bool] = None  # noqa: UP045
    sure: bool | None = True
    letter: Letter = Letter.A
    level: Literal["p", "q", 7] = "p"
    sizes: list[int] = field(default_factory=list)
    words: list[str] = field(default_factory=lambda: ["a", "b"], metadata={"aliases": ["-w"]})
    either: Union[str, dict, None] = None  # type: ignore[type-arg]  # noqa: UP007


LINES = (
    "--steps 1",
    "",
    "--steps x",
    "--steps 1 --fast",
    "--steps 1 --fast no --no_shuffle",
    "--steps 1 --no-shuffle --maybe",
    "--steps 1 --maybe yes --no_sure",
    "--steps 1 --sure --letter b",
    "--steps 1 --letter 3 --level 7",
    "--steps 1 --letter z",
    "--steps 1 --sizes 1 2 -w q --either t",
    "--steps 1 --unknown 3",
)


def outcome(module: Any, line: str) -> str:
    try:
        return repr(module.HfArgumentParser(Arguments).parse_args_into_dataclasses(line.split()))
    except SystemExit as error:
        return f"exit {error.code}"
    except ValueError:
        return "ValueError"


@pytest.mark.parametrize("line", LINES)
def test_command_lines_give_the_same(line: str) -> None:
    assert outcome(trustformers.hf_argparser, line) == outcome(transformers.hf_argparser, line)


def test_help_is_the_same() -> None:
    modules: tuple[Any, ...] = (trustformers.hf_argparser, transformers.hf_argparser)
    ours, theirs = (module.HfArgumentParser(Arguments, prog="x").format_help() for module in modules)
    assert ours == theirs


def test_versions_are_ordered_as_by_packaging() -> None:
    texts = "1.0 1.0.0 1.0.1 1.0a1 1.0b2 1.0rc1 1.0.dev3 1.0a1.dev2 1.0.post1 1.0.post1.dev2 2.0 1!0.5 10.2 v1.2 1.0-1"
    for one, other in itertools.product(texts.split(), repeat=2):
        assert (version_key(one) < version_key(other)) == (Version(one) < Version(other)), (one, other)


@pytest.mark.parametrize("name", list(trustformers.activations.ACT2FN))
def test_activations_are_those_of_transformers(name: str) -> None:
    x = torch.linspace(-6, 6, 101)
    expected: Any = transformers.activations.ACT2FN[name]
    # float32: another order of operations rounds differently.
    torch.testing.assert_close(trustformers.activations.ACT2FN[name](x), expected(x), atol=1e-6, rtol=0)


def test_mappings_name_the_classes_of_transformers() -> None:
    for name in mappings.__all__:
        if name.startswith("MODEL") and name.endswith("_NAMES"):
            theirs = getattr(auto, name)
            assert {key: theirs.get(key) for key in getattr(mappings, name)} == getattr(mappings, name)
