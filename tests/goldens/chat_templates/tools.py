"""Functions as tools, whose schemas the reference makes into `tools.json`; run to write it, with transformers."""

import enum
from typing import Any, Literal, Optional, Union


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


def plain(a: int, b: float = 1.5, c: str = "x", d: bool = False) -> str:
    """
    Does something.

    More about it.

    Args:
        a: The first.
        b: The second,
            on two lines: really.
        c (never a type): not an argument
        c: The third
        d: Whether
    Returns:
        The text.
    """


def nested(
    a: list[int],
    b: dict[str, float],
    c: tuple[int, str],
    d: Optional[int],  # noqa: UP045
    e: Union[int, str],  # noqa: UP007
    f: list[dict[str, list[bool]]] | None = None,
    g: Any = None,
    h: list = (),
    i: int | list[str] = 1,
):
    """Nested hints.

    Args:
        a: A
        b: B
        c: C
        d: D
        e: E
        f: F
        g: G
        h: H
        i: I
    """


def choices(a: str, b: Literal["x", "y"], c: Literal[1, "z", None], d: Color, e: int = 1) -> Color:
    """Choices
    Args:
        a: One of (choices: ["tea", " coffee "])
        b: B
        c: C
        d: D
        e: E (choices: [1, 2])

    Returns:
        A color

    Raises:
        ValueError: never
    """


def without_arguments():
    """No arguments"""


def returns_an_object(a: int) -> "Holder":
    """Returns an object.

    Args:
        a: A
    """


class Holder:
    def method(self, a: int) -> list[int]:
        """A method.

        Args:
            a: A
        """


def no_docstring(a: int):
    pass


def no_hint(a):
    """No hint.

    Args:
        a: A
    """


def no_description(a: int):
    """No description."""


def own_class(a: Holder):
    """An argument of a class.

    Args:
        a: A
    """


def short_tuple(a: tuple[int]):
    """A tuple.

    Args:
        a: A
    """


def open_tuple(a: tuple[int, ...]):
    """A tuple.

    Args:
        a: A
    """


FUNCTIONS = [
    plain,
    nested,
    choices,
    without_arguments,
    returns_an_object,
    Holder().method,
    no_docstring,
    no_hint,
    no_description,
    own_class,
    short_tuple,
    open_tuple,
]

if __name__ == "__main__":
    import json
    from pathlib import Path

    from transformers.utils import get_json_schema

    schemas = []
    for function in FUNCTIONS:
        try:
            schemas.append(get_json_schema(function))
        except Exception:
            schemas.append(None)
    Path(__file__).with_suffix(".json").write_text(json.dumps(schemas, indent=1) + "\n")
