"""Answers from the logits of a question answering model; the engine has the same in Rust."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers._checks.tensors import as_array
from trustformers.pipelines.batches import row, softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["best_spans", "characters", "chunks"]


def best_spans(output: dict[str, Any], count: int, max_answer_len: int) -> tuple[list[tuple[int, int, float]], float]:
    """The spans of tokens with the highest scores, best first, and the score of no answer.

    A span is the indices of its first and last token, and its score: the product of the probabilities that the answer
    starts and ends there.
    """
    may_answer = np.asarray(as_array(output["p_mask"][0])) == 0
    if output.get("attention_mask") is not None:
        may_answer &= np.asarray(as_array(output["attention_mask"][0])) != 0
    starts, ends = (softmax(np.where(may_answer, row(output[name][0]), -np.inf)) for name in ("start", "end"))
    null_score = float(starts[0] * ends[0])
    # The first token stands for no answer.
    starts[0] = ends[0] = 0.0
    scores: NDArray[np.float32] = np.tril(np.triu(np.outer(starts, ends)), max_answer_len - 1)
    best = np.argsort(-scores, axis=None, kind="stable")[:count]
    found = ((int(index) // len(ends), int(index) % len(ends)) for index in best)
    spans = [(start, end, float(scores[start, end])) for start, end in found if may_answer[start] and may_answer[end]]
    return spans, null_score


def characters(encoding: Any, start: int, end: int, sequence: int, *, align_to_words: bool) -> tuple[int, int]:
    """The characters of a span of tokens, extended to whole words with `align_to_words`."""
    if align_to_words:
        words = [encoding.token_to_word(token) for token in (start, end)]
        spans = [None if word is None else encoding.word_to_chars(word, sequence) for word in words]
        if spans[0] is not None and spans[1] is not None:
            return spans[0][0], spans[1][1]
    return encoding.offsets[start][0], encoding.offsets[end][1]


def chunks(encoded: Any, context: int, cls_token_id: int | None) -> Iterator[tuple[int, Any, Sequence[bool]]]:
    """The index, the encoding and the `p_mask` of each row: true for tokens that are not in an answer."""
    for index, encoding in enumerate(encoded.encodings):
        places = zip(encoding.sequence_ids, encoding.ids, strict=True)
        # The CLS token stands for no answer.
        yield index, encoding, [place != context and token != cls_token_id for place, token in places]
