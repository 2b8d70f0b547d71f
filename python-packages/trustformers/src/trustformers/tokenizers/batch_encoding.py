"""The output of tokenizers: model inputs by name, with their encodings."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, overload

from trustformers import _native
from trustformers._checks.tensors import as_tensor, moved, tensor_kind

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["BatchEncoding", "CharSpan", "Encoding", "TokenSpan"]


class CharSpan(NamedTuple):
    """Characters of a text, from `start` up to but not including `end`."""

    start: int
    end: int


class TokenSpan(NamedTuple):
    """Tokens of a row, from `start` up to but not including `end`."""

    start: int
    end: int


class Encoding(Protocol):
    """One encoded row."""

    @property
    def ids(self) -> list[int]:
        """Ids in the vocabulary."""
        ...

    @property
    def type_ids(self) -> list[int]:
        """0 for tokens of the first sequence, 1 for those of the second."""
        ...

    @property
    def tokens(self) -> list[str]:
        """The tokens."""
        ...

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """Start and end character of every token in its sequence."""
        ...

    @property
    def attention_mask(self) -> list[int]:
        """0 for padding, else 1."""
        ...

    @property
    def special_tokens_mask(self) -> list[int]:
        """1 for tokens that encoding added, else 0."""
        ...

    @property
    def word_ids(self) -> list[int | None]:
        """The word of every token; None for special tokens."""
        ...

    @property
    def sequence_ids(self) -> list[int | None]:
        """The sequence of every token; None for special tokens."""
        ...

    @property
    def n_sequences(self) -> int:
        """The number of sequences in the row."""
        ...

    def __len__(self) -> int: ...
    def token_to_sequence(self, token_index: int) -> int | None:
        """The sequence of a token."""
        ...

    def token_to_word(self, token_index: int) -> int | None:
        """The word of a token."""
        ...

    def token_to_chars(self, token_index: int) -> tuple[int, int] | None:
        """The characters of a token."""
        ...

    def word_to_tokens(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """The tokens of a word."""
        ...

    def word_to_chars(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """The characters of a word."""
        ...

    def char_to_token(self, char_index: int, sequence_index: int = 0) -> int | None:
        """The token that covers a character."""
        ...

    def char_to_word(self, char_index: int, sequence_index: int = 0) -> int | None:
        """The word that covers a character."""
        ...


class BatchEncoding(UserDict[str, Any]):
    """Inputs of a model by name, with the encodings they come from.

    Names are keys and attributes; an integer index gives the `Encoding` of that row.
    """

    data: dict[str, Any]

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        encoding: Any = None,
        tensor_type: str | None = None,
        prepend_batch_axis: bool = False,
        n_sequences: int | None = None,
    ) -> None:
        super().__init__(data)
        self._encodings = [encoding] if hasattr(encoding, "ids") else encoding
        self._n_sequences = n_sequences
        self.convert_to_tensors(tensor_type, prepend_batch_axis)

    @overload
    def __getitem__(self, item: str) -> Any: ...
    @overload
    def __getitem__(self, item: int) -> Encoding: ...
    @overload
    def __getitem__(self, item: slice) -> Any: ...
    def __getitem__(self, item: str | int | slice) -> Any:
        if isinstance(item, str):
            return self.data[item]
        if isinstance(item, int):
            return self._row(item)
        if self._encodings is None:
            return {key: value[item] for key, value in self.data.items()}
        return [self._row(index) for index in range(len(self._rows()))[item]]

    def __getattr__(self, item: str) -> Any:
        if not item.startswith("_") and item != "data" and item in self.data:
            return self.data[item]
        raise AttributeError(f"BatchEncoding has no attribute {item!r}")

    def __getstate__(self) -> dict[str, Any]:
        encodings = self._encodings.to_bytes() if hasattr(self._encodings, "to_bytes") else self._encodings
        return {"data": self.data, "encodings": encodings, "n_sequences": self._n_sequences}

    def __setstate__(self, state: dict[str, Any]) -> None:
        encodings = state["encodings"]
        self.data = state["data"]
        self._n_sequences = state["n_sequences"]
        self._encodings = _native.Encodings.from_bytes(encodings) if isinstance(encodings, bytes) else encodings

    @property
    def is_fast(self) -> bool:
        """Whether the encodings are available."""
        return self._encodings is not None

    @property
    def encodings(self) -> list[Encoding] | None:
        """The encodings of all rows."""
        return self[:] if self._encodings is not None else None

    @property
    def n_sequences(self) -> int | None:
        """1 if rows hold one sequence, 2 if they hold pairs, None if unknown."""
        if self._n_sequences is not None or self._encodings is None or len(self._encodings) == 0:
            return self._n_sequences
        return self[0].n_sequences

    def tokens(self, batch_index: int = 0) -> list[str]:
        """The tokens of a row."""
        return self[batch_index].tokens

    def word_ids(self, batch_index: int = 0) -> list[int | None]:
        """The word of each token of a row; None for special tokens."""
        return self[batch_index].word_ids

    def sequence_ids(self, batch_index: int = 0) -> list[int | None]:
        """The sequence of each token of a row; None for special tokens."""
        return self[batch_index].sequence_ids

    def token_to_sequence(self, batch_or_token_index: int, token_index: int | None = None) -> int | None:
        """The sequence of a token, given as `(token)` in a batch of one row, else as `(row, token)`."""
        row, token = _row_and_index(batch_or_token_index, token_index)
        return self[row].token_to_sequence(token)

    def token_to_word(self, batch_or_token_index: int, token_index: int | None = None) -> int | None:
        """The word of a token."""
        row, token = _row_and_index(batch_or_token_index, token_index)
        return self[row].token_to_word(token)

    def token_to_chars(self, batch_or_token_index: int, token_index: int | None = None) -> CharSpan | None:
        """The characters of a token."""
        row, token = _row_and_index(batch_or_token_index, token_index)
        span = self[row].token_to_chars(token)
        return CharSpan(*span) if span is not None else None

    def word_to_tokens(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> TokenSpan | None:
        """The tokens of a word."""
        row, word = _row_and_index(batch_or_word_index, word_index)
        span = self[row].word_to_tokens(word, sequence_index)
        return TokenSpan(*span) if span is not None else None

    def word_to_chars(
        self, batch_or_word_index: int, word_index: int | None = None, sequence_index: int = 0
    ) -> CharSpan | None:
        """The characters of a word."""
        row, word = _row_and_index(batch_or_word_index, word_index)
        span = self[row].word_to_chars(word, sequence_index)
        return CharSpan(*span) if span is not None else None

    def char_to_token(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        """The token that covers a character."""
        row, char = _row_and_index(batch_or_char_index, char_index)
        return self[row].char_to_token(char, sequence_index)

    def char_to_word(
        self, batch_or_char_index: int, char_index: int | None = None, sequence_index: int = 0
    ) -> int | None:
        """The word that covers a character."""
        row, char = _row_and_index(batch_or_char_index, char_index)
        return self[row].char_to_word(char, sequence_index)

    def tokens_of_spans(self, spans: list[list[tuple[int, int]]]) -> list[list[int]]:
        """For each row a mask: 1 for the tokens of its character spans, else 0."""
        masks: list[list[int]] = self._rows().tokens_of_spans(spans)
        return masks

    def convert_to_tensors(self, tensor_type: str | None = None, prepend_batch_axis: bool = False) -> Self:
        """Turns lists into arrays (`"np"`), `Tensor`s (`"tf_rs"`) or tensors of torch (`"pt"`), and returns itself.

        Arrays and tensors are converted too, without a copy where their memory can be shared.

        Raises
        ------
        InputError
            The rows of a key differ in length.
        UnsupportedError
            Another type of tensors is requested, or torch is not installed.
        """
        kind = tensor_kind(tensor_type)
        if kind is not None:
            for key, value in self.data.items():
                self.data[key] = as_tensor(key, [value] if prepend_batch_axis else value, kind)
        return self

    def to(self, device: Any = None, dtype: Any = None, *, non_blocking: bool = False) -> Self:
        """Moves tensors to a device, and casts tensors of floats to a dtype, in place; returns itself.

        A dtype may also be the only argument. NumPy arrays stay as they are; models accept them on any device.
        """
        arguments = [value for value in (device, dtype) if value is not None]
        for key, value in self.data.items():
            self.data[key] = moved(value, *arguments, non_blocking=non_blocking)
        return self

    def _rows(self) -> Any:
        if self._encodings is None:
            raise KeyError("this BatchEncoding has no encodings: index it by name")
        return self._encodings

    def _row(self, index: int) -> Encoding:
        rows = self._rows()
        if not -len(rows) <= index < len(rows):
            raise IndexError(f"row {index} of a batch of {len(rows)}")
        # Encodings may also come from the package tokenizers, as a list.
        row: Encoding = rows.row(index % len(rows)) if hasattr(rows, "row") else rows[index]
        return row


def _row_and_index(batch_or_index: int, index: int | None) -> tuple[int, int]:
    return (0, batch_or_index) if index is None else (batch_or_index, index)
