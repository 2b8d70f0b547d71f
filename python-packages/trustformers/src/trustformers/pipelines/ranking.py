"""Text ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from trustformers import _native
from trustformers._checks.arguments import flag, kind, strings
from trustformers.errors import InputError
from trustformers.models.auto import AutoModel
from trustformers.pipelines.arguments import Check, check_all, count, given_only, name_of, optional, positive, text
from trustformers.pipelines.base import Pipeline, native_call
from trustformers.pipelines.steps import Parameters

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import NotRequired, Unpack

    from trustformers.models.base import PreTrainedModel

__all__ = ["RankedText", "TextRankingPipeline"]

_SCORES = {
    "prompt": optional(text),
    "prompt_name": optional(text),
    "function_to_apply": optional(name_of),
}
_RESULTS: Mapping[str, Check] = {"top_k": count, "return_texts": flag}


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
    _load_tokenizer = True

    @classmethod
    def _source(cls, loader: type[PreTrainedModel], directory: str) -> tuple[type[PreTrainedModel], str]:
        return AutoModel if _native.TextRanking.head(directory) == "base" else loader, directory

    def _engine(self) -> Any:
        return _native.TextRanking(self.model._native, self.tokenizer._native, self.model._directory or None)

    def _sanitize_parameters(self, top_k: Any = None, return_texts: Any = None, **options: Any) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`: `top_k` and `return_texts` are the last's.

        Parameters
        ----------
        top_k, return_texts
            As for a call.
        **options
            Arguments of `predict`.
        """
        postprocess = given_only(top_k=top_k, return_texts=return_texts)
        owner = f"the {self.task} pipeline"
        return {}, check_all(owner, options, _SCORES), check_all(owner, postprocess, _RESULTS)

    def preprocess(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The query and the texts."""
        if not isinstance(inputs, Mapping) or set(inputs) != {"query", "texts"}:
            found = list(inputs) if isinstance(inputs, Mapping) else kind(inputs)
            raise InputError(f"inputs: expected the keys query and texts, found {found}")
        return {"query": text("query", inputs["query"]), "texts": strings("texts", inputs["texts"])}

    def _forward(self, model_inputs: Any, batch_size: int | None = None, **options: Any) -> dict[str, Any]:
        query, texts = model_inputs["query"], model_inputs["texts"]
        ranked = native_call(
            self._native.rank, query, texts, batch_size=self._resolved_batch_size(batch_size), **options
        )
        return {"ranked": ranked, "texts": texts}

    def postprocess(self, model_outputs: Any, top_k: int | None = None, return_texts: bool = False) -> list[RankedText]:
        """The index and score of each text, best first."""
        results: list[RankedText] = [{"index": index, "score": score} for index, score in model_outputs["ranked"]]
        if return_texts:
            for result in results:
                result["text"] = model_outputs["texts"][result["index"]]
        return results[:top_k]

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
        preprocess, forward, postprocess = self._parameters(options)
        forward["batch_size"] = batch_size
        results: list[RankedText] = self.run_single(given, preprocess, forward, postprocess)
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
        _, forward, _ = self._merged(self._sanitize_parameters(**options))
        scores: NDArray[np.float32] = native_call(
            self._native.predict, rows, batch_size=self._resolved_batch_size(batch_size), **forward
        )
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def _resolved_batch_size(self, batch_size: int | None) -> int:
        return (self._batch_size if batch_size is None else positive("batch_size", batch_size)) or 32

    @property
    def prompts(self) -> dict[str, str]:
        """Prompts for the query, by name."""
        prompts: dict[str, str] = self._native.prompts
        return prompts

    @property
    def max_seq_length(self) -> int | None:
        """The maximum length of a pair in tokens, with special tokens and prompt."""
        length: int | None = self._native.max_seq_length
        return length


def _pair(row: int, pair: object) -> tuple[str, str]:
    if isinstance(pair, (list, tuple)) and len(pair) == 2:
        return text(f"pairs[{row}][0]", pair[0]), text(f"pairs[{row}][1]", pair[1])
    raise InputError(f"pairs: expected two texts in row {row}, found {kind(pair)}")
