"""The types of a tokenizer's inputs."""

from __future__ import annotations

from typing import TypeAlias

__all__ = [
    "LARGE_INTEGER",
    "VERY_LARGE_INTEGER",
    "EncodedInput",
    "EncodedInputPair",
    "PreTokenizedInput",
    "PreTokenizedInputPair",
    "TextInput",
    "TextInputPair",
]

TextInput: TypeAlias = str
PreTokenizedInput: TypeAlias = list[str]
EncodedInput: TypeAlias = list[int]
TextInputPair: TypeAlias = tuple[str, str]
PreTokenizedInputPair: TypeAlias = tuple[list[str], list[str]]
EncodedInputPair: TypeAlias = tuple[list[int], list[int]]
# `model_max_length` of a tokenizer without a limit, and what exceeds every limit.
VERY_LARGE_INTEGER: int = int(1e30)
LARGE_INTEGER: int = int(1e20)
