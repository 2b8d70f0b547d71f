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


def _tensors(name: str, value: object) -> bool | str:
    # transformers accepts any true value.
    return value if value in ("np", "tf_rs") else flag(name, value)


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
        """Computes the last hidden states of texts.

        Parameters
        ----------
        inputs
            A text, a list or an iterator of texts.
        truncation
            Whether to truncate texts that are longer than the model allows; otherwise they raise.
        tokenize_kwargs
            Arguments of the tokenizer, such as `{"max_length": 64}`.
        return_tensors
            Whether to return arrays instead of nested lists; `"tf_rs"` returns `Tensor`s.
        batch_size, num_workers
            As for the pipeline.

        Returns
        -------
        list
            Nested lists of the shape (1, seq, hidden) for a text, a list of them for several.
        """
        return self._call(inputs, {**options})

    def _checked(self, given: Mapping[str, object]) -> dict[str, Any]:
        checked = super()._checked({name: value for name, value in given.items() if value is not None})
        tokenize = checked.pop("tokenize_kwargs", {})
        if "truncation" in checked and "truncation" in tokenize:
            raise InputError("truncation: passed both by itself and in tokenize_kwargs; pass it once")
        return {**checked, **tokenize}

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        arguments = {name: value for name, value in options.items() if name != "return_tensors"}
        arrays = native_call(self._native.run, strings("inputs", list(inputs)), batch_size=batch_size, **arguments)
        kind = options.get("return_tensors")
        if kind == "tf_rs":
            return [_native.Tensor.from_numpy(array) for array in arrays]
        return list(arrays) if kind else [array.tolist() for array in arrays]


class EmbedDefaults(TypedDict, total=False):
    """Arguments of the sentence-similarity pipeline."""

    prompt: str | None
    prompt_name: str | None
    truncate_dim: int | None
    normalize_embeddings: bool


class EmbedOptions(EmbedDefaults, total=False):
    """Arguments of `embed`, as in `SentenceTransformer.encode`."""

    task: Literal["query", "document"] | None


class SentenceSimilarityPipeline(Pipeline):
    """Similarities and embeddings of sentences, with a model of sentence-transformers.

    Embeddings and similarities equal those of `SentenceTransformer.encode` and `SentenceTransformer.similarity`. A
    repository without `modules.json` uses mean pooling, or last-token pooling for a causal language model.
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
            Sentences, or as in the hub's task a mapping of `source_sentence` and `sentences`.
        batch_size
            The number of sentences per batch; results do not depend on it.
        **options
            As for `embed`.

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
        """Computes embeddings of sentences.

        Parameters
        ----------
        sentences
            A list of sentences, or one sentence.
        batch_size
            The number of sentences per batch; results do not depend on it.
        prompt
            A prompt to prepend to each sentence; "" for none.
        prompt_name
            The name of a prompt in `prompts`; by default the model's `default_prompt_name`.
        task
            "query" and "document" stand for `encode_query` and `encode_document`: they select the prompt of this name
            and the model's maximum length for it.
        truncate_dim
            The number of dimensions to keep, by default the model's.
        normalize_embeddings
            Whether to normalize embeddings to length 1 even if the model's modules do not.

        Returns
        -------
        NDArray[np.float32]
            (sentences, hidden), or (hidden,) for one str.

        Raises
        ------
        InputError
            There is no prompt of this name.
        """
        texts = [sentences] if isinstance(sentences, str) else strings("sentences", sentences)
        size = self._batch_size if batch_size is None else positive("batch_size", batch_size)
        merged = self._merged(self._checked(options))
        vectors: NDArray[np.float32] = native_call(self._native.embed, texts, batch_size=size or 32, **merged)
        return vectors[0] if isinstance(sentences, str) else vectors

    def similarity(self, first: ArrayLike, second: ArrayLike) -> NDArray[np.float32]:
        """Compares embeddings with `similarity_fn_name`: (n, hidden) and (m, hidden) give (n, m)."""
        vectors = (np.atleast_2d(np.asarray(array, np.float32)) for array in (first, second))
        compared: NDArray[np.float32] = self._native.similarity(*vectors)
        return compared

    @property
    def prompts(self) -> dict[str, str]:
        """Prompts for sentences, by name."""
        return self._native.prompts

    @property
    def default_prompt_name(self) -> str | None:
        """The name of the prompt that is used by default."""
        return self._native.default_prompt_name

    @property
    def similarity_fn_name(self) -> str:
        """The similarity function: "cosine", "dot", "euclidean" or "manhattan"."""
        return self._native.similarity_fn_name

    @property
    def max_seq_length(self) -> int | None:
        """The maximum length of a sentence in tokens, with special tokens and prompt."""
        return self._native.max_seq_length
