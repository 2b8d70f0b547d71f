"""Text ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict

from trustformers import _native
from trustformers._checks.arguments import flag, kind, strings
from trustformers.errors import InputError
from trustformers.models.auto import AutoModel
from trustformers.pipelines.arguments import Check, count, name_of, optional, positive, text
from trustformers.pipelines.base import Pipeline, native_call

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import NotRequired, Unpack

    from trustformers.models.base import PreTrainedModel

__all__ = ["RankedText", "TextRankingPipeline"]


class ScoreOptions(TypedDict, total=False):
    """Arguments of `predict`."""

    prompt: str | None
    prompt_name: str | None
    function_to_apply: str | None


class RankingOptions(ScoreOptions, total=False):
    """Arguments of text ranking."""

    top_k: int | None
    return_texts: bool


class RankedText(TypedDict):
    """The index of a text among the inputs, and its score."""

    index: int
    score: float
    text: NotRequired[str]


class TextRankingPipeline(Pipeline):
    """Ranks texts by their relevance to a query, with a cross encoder of sentence-transformers.

    Scores equal those of `CrossEncoder.predict` and `CrossEncoder.rank`; `pipeline("text-classification")` applies
    transformers' own function to the same logits.
    """

    task = "text-ranking"
    _checks: ClassVar[Mapping[str, Check]] = {
        "prompt": optional(text),
        "prompt_name": optional(text),
        "function_to_apply": optional(name_of),
        "top_k": optional(count),
        "return_texts": flag,
    }

    @classmethod
    def _source(cls, loader: type[PreTrainedModel], directory: str) -> tuple[type[PreTrainedModel], str]:
        return AutoModel if _native.TextRanking.head(directory) == "base" else loader, directory

    def _prepare(self) -> None:
        directory = self.model._directory or None
        self._native = _native.TextRanking(self.model._native, self.tokenizer._native, directory)

    def __call__(
        self,
        inputs: Mapping[str, Any] | str,
        texts: Sequence[str] | None = None,
        *,
        batch_size: int | None = None,
        **options: Unpack[RankingOptions],
    ) -> list[RankedText]:
        """Ranks texts.

        Parameters
        ----------
        inputs
            A mapping of `query` and `texts`, or the query alone.
        texts
            The texts, if `inputs` is a query.
        batch_size
            The number of pairs per batch; results do not depend on it.
        top_k
            The number of texts to return, by default all.
        return_texts
            Whether results include the text.
        prompt, prompt_name
            A prompt to prepend to the query, or the name of a prompt in `prompts`.
        function_to_apply
            "sigmoid", "softmax" or "none"; by default the function in the model's files, or else sigmoid for one label.

        Returns
        -------
        list of dict
            `index`, `score` and, with `return_texts`, `text`, best first.

        Raises
        ------
        InputError
            The model has more than one label, or no prompt of this name.
        """
        given: Mapping[str, Any] = inputs if isinstance(inputs, Mapping) else {"query": inputs, "texts": texts}
        if set(given) != {"query", "texts"} or (given is inputs and texts is not None):
            raise InputError(f"inputs: expected the keys query and texts, found {list(given)}")
        query, listed = text("query", given["query"]), strings("texts", given["texts"])
        merged = self._merged(self._checked(options))
        top_k, with_texts = merged.pop("top_k", None), merged.pop("return_texts", False)
        ranked = native_call(
            self._native.rank, query, listed, batch_size=self._resolved_batch_size(batch_size), **merged
        )
        results: list[RankedText] = [{"index": index, "score": score} for index, score in ranked[:top_k]]
        if with_texts:
            for result in results:
                result["text"] = listed[result["index"]]
        return results

    def predict(
        self, pairs: Sequence[Sequence[str]], *, batch_size: int | None = None, **options: Unpack[ScoreOptions]
    ) -> NDArray[np.float32]:
        """The scores of pairs, in their order.

        Parameters
        ----------
        pairs
            Lists or tuples of two texts.
        batch_size, prompt, prompt_name, function_to_apply
            As for a call.

        Returns
        -------
        NDArray[np.float32]
            (pairs,) for a model of one label, else (pairs, labels).
        """
        if isinstance(pairs, (str, Mapping)):
            raise InputError(f"pairs: expected a list of pairs of texts, found {kind(pairs)}")
        rows = [_pair(row, pair) for row, pair in enumerate(pairs)]
        merged = self._merged(self._checked(options))
        merged = {name: value for name, value in merged.items() if name in ScoreOptions.__annotations__}
        scores: NDArray[np.float32] = native_call(
            self._native.predict, rows, batch_size=self._resolved_batch_size(batch_size), **merged
        )
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def _resolved_batch_size(self, batch_size: int | None) -> int:
        return (self._batch_size if batch_size is None else positive("batch_size", batch_size)) or 32

    @property
    def prompts(self) -> dict[str, str]:
        """Prompts for the query, by name."""
        return self._native.prompts

    @property
    def max_seq_length(self) -> int | None:
        """The maximum length of a pair in tokens, with special tokens and prompt."""
        return self._native.max_seq_length


def _pair(row: int, pair: object) -> tuple[str, str]:
    if isinstance(pair, (list, tuple)) and len(pair) == 2:
        return text(f"pairs[{row}][0]", pair[0]), text(f"pairs[{row}][1]", pair[1])
    raise InputError(f"pairs: expected two texts in row {row}, found {kind(pair)}")
