"""Enumerations of strings, whose members equal them."""

from __future__ import annotations

from enum import Enum
from typing import NoReturn

__all__ = ["ExplicitEnum", "PaddingStrategy", "TensorType", "TruncationStrategy"]


class ExplicitEnum(str, Enum):
    """Base of enumerations of strings, whose errors name the members."""

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        known = ", ".join(repr(member.value) for member in cls)
        raise ValueError(f"{cls.__name__}: expected one of {known}, found {value!r}")


class PaddingStrategy(ExplicitEnum):
    """Values of a tokenizer's `padding`."""

    LONGEST = "longest"
    MAX_LENGTH = "max_length"
    DO_NOT_PAD = "do_not_pad"


class TruncationStrategy(ExplicitEnum):
    """Values of a tokenizer's `truncation`."""

    ONLY_FIRST = "only_first"
    ONLY_SECOND = "only_second"
    LONGEST_FIRST = "longest_first"
    DO_NOT_TRUNCATE = "do_not_truncate"


class TensorType(ExplicitEnum):
    """Values of `return_tensors`."""

    PYTORCH = "pt"
    NUMPY = "np"
    MLX = "mlx"
