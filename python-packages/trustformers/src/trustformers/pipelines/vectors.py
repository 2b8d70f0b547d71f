"""Feature extraction and sentence similarity."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, overload

import numpy as np

from trustformers import _native
from trustformers._checks.arguments import flag, strings
from trustformers._checks.tensors import as_tensor, tensor_kind
from trustformers.errors import InputError
from trustformers.models.auto import AutoModel, AutoModelForTextEncoding
from trustformers.models.auto_config import read_config
from trustformers.models.configuration import heads_of
from trustformers.models.outputs import SentenceSimilarityOutput
from trustformers.pipelines.arguments import (
    CallOptions,
    check_all,
    for_engine,
    given_only,
    ignored,
    in_engine,
    optional,
    positive,
    text,
    tokenizer_arguments,
    tokenizer_kwargs,
)
from trustformers.pipelines.base import Pipeline, native_call
from trustformers.pipelines.datasets import Stream
from trustformers.pipelines.steps import Parameters, tensor_type

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from typing_extensions import Unpack

    from trustformers.models.base import PreTrainedModel

__all__ = ["FeatureExtractionPipeline", "SentenceSimilarityPipeline"]

_EMBED = {
    "prompt": optional(text),
    "prompt_name": optional(text),
    "task": optional(text),
    "truncate_dim": optional(positive),
    "normalize_embeddings": flag,
}


class FeatureExtractionOptions(CallOptions, total=False):
    """Arguments of feature extraction."""

    truncation: bool | str | None
    padding: bool | str | None
    tokenize_kwargs: Mapping[str, Any] | None
    return_tensors: bool | str | None


def _tensors(name: str, value: object) -> bool | str:
    # transformers accepts any true value.
    return value if value in ("np", "pt", "tf_rs") else flag(name, value)


def _encoder_of(loader: type[PreTrainedModel], directory: str) -> type[PreTrainedModel]:
    """The class that loads a base model, or the encoder of an encoder-decoder if the family has it alone."""
    model_type = read_config(directory, directory).model_type
    return AutoModelForTextEncoding if loader is AutoModel and "encoder" in heads_of(model_type) else loader


class FeatureExtractionPipeline(Pipeline):
    """The last hidden state of every token of a text."""

    task = "feature-extraction"
    _load_tokenizer = True

    @classmethod
    def _source(cls, loader: type[PreTrainedModel], directory: str) -> tuple[type[PreTrainedModel], str]:
        return _encoder_of(loader, directory), directory

    def _engine(self) -> Any:
        return _native.FeatureExtraction(self.model._native, self.tokenizer._native)

    def _sanitize_parameters(
        self,
        truncation: Any = None,
        tokenize_kwargs: Mapping[str, Any] | None = None,
        return_tensors: Any = None,
        **kwargs: Any,
    ) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`.

        Parameters
        ----------
        truncation, tokenize_kwargs, return_tensors
            As for a call.
        **kwargs
            Other arguments of the tokenizer, which have no effect.
        """
        tokenize = {} if tokenize_kwargs is None else tokenizer_kwargs("tokenize_kwargs", tokenize_kwargs)
        if truncation is not None:
            if "truncation" in tokenize:
                raise InputError("truncation: passed both by itself and in tokenize_kwargs; pass it once")
            tokenize.update(tokenizer_arguments(self.task, {"truncation": truncation}))
        ignored(f"the {self.task} pipeline", kwargs, "pass tokenize_kwargs")
        kind = None if return_tensors is None else _tensors("return_tensors", return_tensors)
        return tokenize, {}, given_only(return_tensors=kind)

    def preprocess(self, inputs: Any, **tokenize_kwargs: Any) -> Any:
        """Encodes a text."""
        return self.tokenizer(inputs, return_tensors=tensor_type(), **tokenize_kwargs)

    def _forward(self, model_inputs: Any) -> Any:
        return self.model(**model_inputs)

    def postprocess(self, model_outputs: Any, return_tensors: Any = False) -> Any:
        """The first field of the output, `last_hidden_state`, as nested lists, or as it is with `return_tensors`."""
        states = model_outputs[0]
        if not return_tensors:
            return states.tolist()
        return (
            states if return_tensors is True else as_tensor("return_tensors", states, str(tensor_kind(return_tensors)))
        )

    @overload
    def __call__(
        self, inputs: str | list[str] | tuple[str, ...], **options: Unpack[FeatureExtractionOptions]
    ) -> Any: ...
    @overload
    def __call__(self, inputs: Stream, **options: Unpack[FeatureExtractionOptions]) -> Iterator[Any]: ...
    def __call__(self, inputs: Any, **options: Unpack[FeatureExtractionOptions]) -> Any:
        """Computes the last hidden states of texts.

        Parameters
        ----------
        inputs
            A text, a list or an iterator of texts.
        truncation
            Whether to truncate texts that are longer than the model allows; otherwise they raise.
        padding
            Without effect; `tokenize_kwargs` takes one.
        tokenize_kwargs
            Arguments of the tokenizer, such as `{"max_length": 64}`.
        return_tensors
            Whether to return tensors of torch, or arrays if torch is not imported, instead of nested lists; `"np"`,
            `"pt"` or `"tf_rs"` for arrays, tensors of torch or `Tensor`s.
        batch_size, num_workers
            As for the pipeline.

        Returns
        -------
        list
            Nested lists of the shape (1, seq, hidden) for a text, a list of them for several.
        """
        return self._call(inputs, {**options})

    def _engine_takes(self, options: dict[str, Any]) -> bool:
        tokenize = _tokenize_options(options)
        return in_engine(tokenize) and tokenize.get("padding") != "max_length"

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        arguments = for_engine(_tokenize_options(options))
        arrays = native_call(self._native.run, strings("inputs", list(inputs)), batch_size=batch_size, **arguments)
        kind = options.get("return_tensors", False)
        if kind is False:
            return [array.tolist() for array in arrays]
        # True gives torch's tensors only to a caller that has imported torch.
        name = tensor_kind(kind) if isinstance(kind, str) else "pt" if tensor_type() == "pt" else "np"
        return [as_tensor("return_tensors", array, str(name)) for array in arrays]


def _tokenize_options(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name != "return_tensors"}


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
    _load_tokenizer = True

    @classmethod
    def _source(cls, loader: type[PreTrainedModel], directory: str) -> tuple[type[PreTrainedModel], str]:
        folder = os.fspath(_native.transformer_folder(directory))
        directory = os.path.join(directory, folder) if folder else directory
        return _encoder_of(loader, directory), directory

    def _engine(self) -> Any:
        return _native.SentenceSimilarity(self.model._native, self.tokenizer._native, self.model._directory or None)

    def _sanitize_parameters(self, **options: Any) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`: those of `embed` are of `_forward`."""
        return {}, check_all(f"the {self.task} pipeline", options, _EMBED), {}

    def preprocess(self, inputs: Mapping[str, Any] | Sequence[str]) -> dict[str, Any]:
        """The sentences of a call, and whether the first one is compared with the others."""
        if isinstance(inputs, Mapping):
            if set(inputs) != {"source_sentence", "sentences"}:
                raise InputError(f"inputs: expected the keys source_sentence and sentences, found {list(inputs)}")
            source = strings("source_sentence", [inputs["source_sentence"]])
            return {"sentences": [*source, *strings("sentences", inputs["sentences"])], "has_source": True}
        if isinstance(inputs, str):
            raise InputError("inputs: expected several sentences to compare, found one str; embed() takes one")
        return {"sentences": strings("sentences", inputs), "has_source": False}

    def _forward(self, model_inputs: Any, batch_size: int | None = None, **options: Any) -> dict[str, Any]:
        embeddings = self._embed(model_inputs["sentences"], batch_size, options)
        return {"embeddings": embeddings, "has_source": model_inputs["has_source"]}

    def postprocess(self, model_outputs: Any) -> SentenceSimilarityOutput | list[float]:
        """The similarities of embeddings."""
        vectors = model_outputs["embeddings"]
        if not model_outputs["has_source"]:
            return SentenceSimilarityOutput(similarity=self.similarity(vectors, vectors), embeddings=vectors)
        scores: list[float] = self.similarity(vectors[:1], vectors[1:])[0].tolist()
        return scores

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
        preprocess, forward, postprocess = self._parameters(options)
        forward["batch_size"] = self._batch_size if batch_size is None else positive("batch_size", batch_size)
        result: SentenceSimilarityOutput | list[float] = self.run_single(inputs, preprocess, forward, postprocess)
        return result

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
        _, forward, _ = self._merged(self._sanitize_parameters(**options))
        vectors = self._embed(texts, size, forward)
        return vectors[0] if isinstance(sentences, str) else vectors

    def _embed(self, texts: list[str], batch_size: int | None, options: dict[str, Any]) -> NDArray[np.float32]:
        vectors: NDArray[np.float32] = native_call(self._native.embed, texts, batch_size=batch_size or 32, **options)
        return vectors

    def similarity(self, first: ArrayLike, second: ArrayLike) -> NDArray[np.float32]:
        """Compares embeddings with `similarity_fn_name`: (n, hidden) and (m, hidden) give (n, m)."""
        vectors = (np.atleast_2d(np.asarray(array, np.float32)) for array in (first, second))
        compared: NDArray[np.float32] = self._native.similarity(*vectors)
        return compared

    @property
    def prompts(self) -> dict[str, str]:
        """Prompts for sentences, by name."""
        prompts: dict[str, str] = self._native.prompts
        return prompts

    @property
    def default_prompt_name(self) -> str | None:
        """The name of the prompt that is used by default."""
        name: str | None = self._native.default_prompt_name
        return name

    @property
    def similarity_fn_name(self) -> str:
        """The similarity function: "cosine", "dot", "euclidean" or "manhattan"."""
        name: str = self._native.similarity_fn_name
        return name

    @property
    def max_seq_length(self) -> int | None:
        """The maximum length of a sentence in tokens, with special tokens and prompt."""
        length: int | None = self._native.max_seq_length
        return length
