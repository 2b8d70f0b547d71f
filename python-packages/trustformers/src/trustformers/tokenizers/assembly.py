"""Rows of ids with special tokens around one or two sequences, and truncation of ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from trustformers.errors import InputError, UnsupportedError

__all__ = ["Piece", "pieces", "truncated"]


class Piece(NamedTuple):
    """A special token, or the place of a sequence, in a row."""

    type_id: int
    token_id: int | None = None
    sequence: int | None = None


def pieces(native: Any, pair: bool) -> list[Piece]:
    """The special tokens and sequences of a row, in order.

    Raises
    ------
    UnsupportedError
        No text has tokens in this vocabulary.
    """
    for text in _samples(native):
        row = native.encode_batch([text], [text] if pair else None).row(0)
        sequences = row.sequence_ids
        if set(sequences) >= ({0, 1} if pair else {0}):
            break
    else:
        raise UnsupportedError("not supported: special tokens of rows of ids, since no token of the vocabulary is text")
    found: list[Piece] = []
    for token_id, type_id, sequence in zip(row.ids, row.type_ids, sequences, strict=True):
        if sequence is None:
            found.append(Piece(type_id, token_id))
        elif not found or found[-1].sequence != sequence:
            found.append(Piece(type_id, sequence=sequence))
    return found


def _samples(native: Any) -> Sequence[str]:
    special = set(native.all_special_tokens())
    return ["a", "1", ".", *(token for token in native.vocab() if token not in special)][:64]


def truncated(
    ids: list[int], pair_ids: list[int] | None, count: int, *, strategy: str, side: str, stride: int
) -> tuple[list[int], list[int] | None, list[int]]:
    """Removes `count` ids; returns the sequences, and the removed ids with `stride` others.

    Raises
    ------
    InputError
        There is no such strategy, or `only_second` without a second sequence.
    """
    if strategy not in ("longest_first", "only_first", "only_second", "do_not_truncate"):
        raise InputError(
            f'truncation_strategy: {strategy!r} is not one of "longest_first", "only_first", "only_second", '
            '"do_not_truncate"'
        )
    if count <= 0 or strategy == "do_not_truncate":
        return ids, pair_ids, []
    if strategy == "only_second":
        if pair_ids is None:
            raise InputError('truncation_strategy: "only_second" needs a second sequence')
        kept, removed = _cut(pair_ids, count, side, stride)
        return ids, kept, removed
    if strategy == "only_first" or pair_ids is None:
        kept, removed = _cut(ids, count, side, stride)
        return kept, pair_ids, removed
    # The longer sequence first loses what it has more, then both lose the same.
    difference = min(abs(len(ids) - len(pair_ids)), count)
    half = (count - difference) // 2
    other = count - difference - half
    of_first, of_second = (difference + half, other) if len(ids) > len(pair_ids) else (half, difference + other)
    return _cut(ids, of_first, side, 0)[0], _cut(pair_ids, of_second, side, 0)[0], []


def _cut(ids: list[int], count: int, side: str, stride: int) -> tuple[list[int], list[int]]:
    window = min(len(ids), count + stride)
    if side == "left":
        return ids[count:], ids[:window]
    return ids[: max(len(ids) - count, 0)], ids[len(ids) - window :]
