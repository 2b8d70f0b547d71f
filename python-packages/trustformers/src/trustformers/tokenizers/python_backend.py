"""Base classes of tokenizers that are written in Python, for `isinstance`; there are no such tokenizers here."""

from __future__ import annotations

from typing import Any

from trustformers.errors import UnsupportedError
from trustformers.tokenizers.base import PreTrainedTokenizerBase

__all__ = ["PreTrainedTokenizer", "PythonBackend", "SentencePieceBackend"]


class PythonBackend(PreTrainedTokenizerBase):
    """The base class of tokenizers written in Python; no tokenizer is an instance."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        raise UnsupportedError(
            f"not supported: {type(self).__name__}, a tokenizer written in Python; build a tokenizers.Tokenizer and "
            "pass it as PreTrainedTokenizerFast(tokenizer_object=...)"
        )

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: Any, *args: Any, **kwargs: Any) -> Any:
        """Not supported; `AutoTokenizer.from_pretrained` loads the tokenizers of the engine."""
        raise UnsupportedError(
            f"not supported: {cls.__name__}.from_pretrained, a tokenizer written in Python; use "
            "AutoTokenizer.from_pretrained"
        )


class SentencePieceBackend(PythonBackend):
    """The base class of tokenizers of the package sentencepiece; no tokenizer is an instance."""


PreTrainedTokenizer = PythonBackend
