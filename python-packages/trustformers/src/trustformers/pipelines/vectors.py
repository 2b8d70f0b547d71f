"""Feature extraction and sentence similarity."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypedDict, overload

import numpy as np

from trustformers import _native
from trustformers._checks.arguments import flag, strings
from trustformers.errors import InputError
from trustformers.models.outputs import SentenceSimilarityOutput
from trustformers.pipelines.arguments import TOKENIZER, CallOptions, Check, optional, positive, text, tokenizer_kwargs
from trustformers.pipelines.base import Pipeline, native_call

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Unpack

    from trustformers.models.base import PreTrainedModel

__all__ = ["FeatureExtractionPipeline", "SentenceSimilarityPipeline"]


class FeatureExtractionOptions(CallOptions, total=False):
    """Arguments of feature extraction."""

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
        self._native = _native.FeatureExtraction(self.model._native, self.tokenizer._native)

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


class EmbedDefaults(TypedDict, total=False):
    """Arguments of the sentence-similarity pipeline."""

    prompt: str | None
    prompt_name: str | None
    truncate_dim: int | None
    normalize_embeddings: bool


class EmbedOptions(EmbedDefaults, total=False):
    """Arguments of `embed`, as those of `SentenceTransformer.encode`."""

    task: Literal["query", "document"] | None


class SentenceSimilarityPipeline(Pipeline):
    """Similarities and embeddings of sentences, with a model of sentence-transformers.

    Vectors and their similarity are what `SentenceTransformer.encode` and `SentenceTransformer.similarity` give; a
    repository without `modules.json` gives the mean over the tokens, or the last one's vector for a causal language
    model.
    """

    task = "sentence-similarity"
    _checks: ClassVar[Mapping[str, Check]] = {
        "prompt": optional(text),
        "prompt_name": optional(text),
        "task": optional(text),
        "truncate_dim": optional(positive),
        "normalize_embeddings": flag,
    }

    @classmethod
    def _source(cls, loader: type[PreTrainedModel], directory: str) -> tuple[type[PreTrainedModel], str]:
        folder = os.fspath(_native.transformer_folder(directory))
        return loader, os.path.join(directory, folder) if folder else directory

    def _prepare(self) -> None:
        directory = self.model._directory or None
        self._native = _native.SentenceSimilarity(self.model._native, self.tokenizer._native, directory)

    @overload
    def __call__(
        self, inputs: Mapping[str, Any], *, batch_size: int | None = ..., **options: Unpack[EmbedOptions]
    ) -> list[float]: ...
    @overload
    def __call__(
        self, inputs: Sequence[str], *, batch_size: int | None = ..., **options: Unpack[EmbedOptions]
    ) -> SentenceSimilarityOutput: ...
    def __call__(
        self,
        inputs: Mapping[str, Any] | Sequence[str],
        *,
        batch_size: int | None = None,
        **options: Unpack[EmbedOptions],
    ) -> SentenceSimilarityOutput | list[float]:
        """Compares sentences.

        Parameters
        ----------
        inputs
            Sentences, or what the hub's task of this name takes: a mapping of `source_sentence` and `sentences`.
        batch_size
            How many sentences the model sees at once; the result does not depend on it.
        **options
            As for `embed`.

        Returns
        -------
        SentenceSimilarityOutput
            `similarity` (n, n) and `embeddings` (n, width), float32; for a mapping a list of each sentence's
            similarity with the source.
        """
        if isinstance(inputs, Mapping):
            if set(inputs) != {"source_sentence", "sentences"}:
                raise InputError(f"inputs: expected the keys source_sentence and sentences, found {list(inputs)}")
            sentences = strings("sentences", inputs["sentences"])
            texts = [*strings("source_sentence", [inputs["source_sentence"]]), *sentences]
            vectors = self.embed(texts, batch_size, **options)
            scores: list[float] = self.similarity(vectors[:1], vectors[1:])[0].tolist()
            return scores
        if isinstance(inputs, str):
            raise InputError("inputs: expected several sentences to compare, found one str; embed() takes one")
        vectors = self.embed(inputs, batch_size, **options)
        return SentenceSimilarityOutput(similarity=self.similarity(vectors, vectors), embeddings=vectors)

    def embed(
        self, sentences: str | Sequence[str], batch_size: int | None = None, **options: Unpack[EmbedOptions]
    ) -> NDArray[np.float32]:
        """The sentences' vectors.

        Parameters
        ----------
        sentences
            Several, or one.
        batch_size
            How many sentences the model sees at once; the result does not depend on it.
        prompt
            A text that comes before each sentence; "" for none.
        prompt_name
            Its name among `prompts`. Without either it is the model's `default_prompt_name`, if it has one.
        task
            "query" and "document" are `encode_query` and `encode_document`: a prompt of such a name comes before the
            sentences, and a model's own length for it holds.
        truncate_dim
            How many components a vector keeps; without it as many as the model's files say.
        normalize_embeddings
            Whether to normalize vectors to length 1, whether or not the model's modules do.

        Returns
        -------
        NDArray[np.float32]
            (sentences, width), or (width,) for one str.

        Raises
        ------
        InputError
            There is no prompt of the name.
        """
        texts = [sentences] if isinstance(sentences, str) else strings("sentences", sentences)
        size = self._batch_size if batch_size is None else positive("batch_size", batch_size)
        asked = self._merged(self._checked(options))
        vectors: NDArray[np.float32] = native_call(self._native.embed, texts, batch_size=size or 32, **asked)
        return vectors[0] if isinstance(sentences, str) else vectors

    def similarity(self, first: ArrayLike, second: ArrayLike) -> NDArray[np.float32]:
        """Compares vectors with `similarity_fn_name`: (n, width) and (m, width) give (n, m)."""
        vectors = (np.atleast_2d(np.asarray(array, np.float32)) for array in (first, second))
        compared: NDArray[np.float32] = self._native.similarity(*vectors)
        return compared

    @property
    def prompts(self) -> dict[str, str]:
        """The texts that may come before sentences, by name."""
        return self._native.prompts

    @property
    def default_prompt_name(self) -> str | None:
        """The name of the prompt that comes before sentences where a call does not say."""
        return self._native.default_prompt_name

    @property
    def similarity_fn_name(self) -> str:
        """The similarity function: "cosine", "dot", "euclidean" or "manhattan"."""
        return self._native.similarity_fn_name

    @property
    def max_seq_length(self) -> int | None:
        """The most tokens of a sentence, special tokens and a prompt included."""
        return self._native.max_seq_length
