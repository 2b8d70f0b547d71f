"""Texts to vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, overload

from trustformers._arguments import flag, strings
from trustformers._backend import native
from trustformers.errors import InputError
from trustformers.model_output import SentenceSimilarityOutput
from trustformers.pipelines.arguments import TOKENIZER, CallOptions, Check, optional, positive, tokenizer_kwargs
from trustformers.pipelines.base import Pipeline, native_call

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Unpack


class FeatureExtractionOptions(CallOptions, total=False):
    """What feature extraction takes."""

    truncation: bool | str | None
    tokenize_kwargs: Mapping[str, Any] | None
    return_tensors: bool | str | None


def _tensors(name: str, value: object) -> bool:
    # The reference takes any value that is true.
    return True if value == "np" else flag(name, value)


class FeatureExtractionPipeline(Pipeline):
    """The last hidden state of every token of a text."""

    task = "feature-extraction"
    _checks: ClassVar[Mapping[str, Check]] = {
        "truncation": TOKENIZER["truncation"],
        "tokenize_kwargs": optional(tokenizer_kwargs),
        "return_tensors": optional(_tensors),
    }

    def _prepare(self) -> None:
        self._native = native.FeatureExtraction(self.model._native, self.tokenizer._native)

    @overload
    def __call__(
        self, inputs: str | list[str] | tuple[str, ...], **options: Unpack[FeatureExtractionOptions]
    ) -> Any: ...
    @overload
    def __call__(self, inputs: Iterator[str], **options: Unpack[FeatureExtractionOptions]) -> Iterator[Any]: ...
    def __call__(self, inputs: Any, **options: Unpack[FeatureExtractionOptions]) -> Any:
        """Computes the vectors of a text's tokens.

        Parameters
        ----------
        inputs
            A text, a list or an iterator of texts.
        truncation
            Whether to cut texts that are longer than the model allows; otherwise they raise.
        tokenize_kwargs
            Arguments of the tokenizer, such as `{"max_length": 64}`.
        return_tensors
            Whether to return arrays in place of nested lists.
        batch_size, num_workers
            As for the pipeline.

        Returns
        -------
        list
            Nested lists of the shape (1, seq, hidden) for a text, a list of them for several.
        """
        return self._answer(inputs, {**options})

    def _checked(self, given: Mapping[str, object]) -> dict[str, Any]:
        found = super()._checked({name: value for name, value in given.items() if value is not None})
        tokenize = found.pop("tokenize_kwargs", {})
        if "truncation" in found and "truncation" in tokenize:
            raise InputError("truncation: given by itself and in tokenize_kwargs; pass it once")
        return {**found, **tokenize}

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        cut = {name: value for name, value in options.items() if name != "return_tensors"}
        arrays = native_call(self._native.run, strings("inputs", list(inputs)), batch_size=batch_size, **cut)
        return list(arrays) if options.get("return_tensors") else [array.tolist() for array in arrays]


class SentenceSimilarityPipeline(Pipeline):
    """How alike sentences are: the cosine of their vectors.

    The vectors are pooled as the model's sentence-transformers files say, or else the mean over the tokens.
    """

    task = "sentence-similarity"

    def _prepare(self) -> None:
        directory = self.model._directory or None
        self._native = native.SentenceSimilarity(self.model._native, self.tokenizer._native, directory)

    @overload
    def __call__(self, inputs: Mapping[str, Any], *, batch_size: int | None = ...) -> list[float]: ...
    @overload
    def __call__(self, inputs: Sequence[str], *, batch_size: int | None = ...) -> SentenceSimilarityOutput: ...
    def __call__(
        self, inputs: Mapping[str, Any] | Sequence[str], *, batch_size: int | None = None
    ) -> SentenceSimilarityOutput | list[float]:
        """Compares sentences.

        Parameters
        ----------
        inputs
            Sentences, or what the hub's task of this name takes: a mapping of `source_sentence` and `sentences`.
        batch_size
            How many sentences the model sees at once; the result does not depend on it.

        Returns
        -------
        SentenceSimilarityOutput
            `similarity` (n, n) and `embeddings` (n, hidden), float32; for a mapping a list of each sentence's
            similarity with the source.
        """
        if isinstance(inputs, Mapping):
            if set(inputs) != {"source_sentence", "sentences"}:
                raise InputError(f"inputs: expected the keys source_sentence and sentences, found {list(inputs)}")
            sentences = strings("sentences", inputs["sentences"])
            vectors = self.embed([*strings("source_sentence", [inputs["source_sentence"]]), *sentences], batch_size)
            scores: list[float] = (vectors[1:] @ vectors[0]).tolist()
            return scores
        if isinstance(inputs, str):
            raise InputError("inputs: expected several sentences to compare, found one str; embed() takes one")
        vectors = self.embed(inputs, batch_size)
        return SentenceSimilarityOutput(similarity=vectors @ vectors.T, embeddings=vectors)

    def embed(self, sentences: str | Sequence[str], batch_size: int | None = None) -> NDArray[np.float32]:
        """The sentences' vectors of length one, float32 of shape (sentences, hidden); (hidden,) for one str."""
        texts = [sentences] if isinstance(sentences, str) else strings("sentences", sentences)
        size = self._batch_size if batch_size is None else positive("batch_size", batch_size)
        vectors: NDArray[np.float32] = native_call(self._native.embed, texts, size or 32)
        return vectors[0] if isinstance(sentences, str) else vectors
