"""The types of a tokenizer's inputs."""

from __future__ import annotations

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

TextInput = str
PreTokenizedInput = list[str]
EncodedInput = list[int]
TextInputPair = tuple[str, str]
PreTokenizedInputPair = tuple[list[str], list[str]]
EncodedInputPair = tuple[list[int], list[int]]
# `model_max_length` of a tokenizer without a limit, and what exceeds every limit.
VERY_LARGE_INTEGER = int(1e30)
LARGE_INTEGER = int(1e20)
