"""Tasks from text to result."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, overload

from trustformers import _loading
from trustformers._arguments import half_surrogate, kind, strings
from trustformers._backend import native
from trustformers.auto import AutoModel
from trustformers.errors import InputError, UnsupportedError
from trustformers.model_output import SentenceSimilarityOutput
from trustformers.modeling import PreTrainedModel
from trustformers.tokenization import AutoTokenizer, PreTrainedTokenizerFast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Unpack

    from trustformers._loading import DtypeObject
    from trustformers.device import Device

__all__ = ["FeatureExtractionPipeline", "Pipeline", "SentenceSimilarityPipeline", "pipeline"]

_HUB_DEFAULTS: dict[str, Any] = {"revision": None, "token": None, "cache_dir": None, "local_files_only": False}
_LOAD_OPTIONS = ("device", "dtype", "torch_dtype", "load_in_8bit", "load_in_4bit", "quantization_config")


class Pipeline:
    """A model and a tokenizer made ready for a task.

    Attributes
    ----------
    task
        The task's name.
    """

    task = ""

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, batch_size: int | None = None
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self._batch_size = _checked_batch_size(batch_size)

    @property
    def device(self) -> Device:
        """Where the model computes."""
        return self.model.device

    def __repr__(self) -> str:
        return f"{type(self).__name__}(model={self.model!r})"


class FeatureExtractionPipeline(Pipeline):
    """The last hidden state of every token of a text."""

    task = "feature-extraction"

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, batch_size: int | None = None
    ) -> None:
        super().__init__(model, tokenizer, batch_size)
        self._native = native.FeatureExtraction(model._native, tokenizer._native)

    def __call__(
        self,
        inputs: str | Sequence[str],
        *,
        truncation: bool = False,
        return_tensors: bool = False,
        batch_size: int | None = None,
    ) -> Any:
        """Computes the vectors of a text's tokens.

        Parameters
        ----------
        inputs
            One text or several.
        truncation
            Whether to cut texts that are longer than the model allows; otherwise they raise.
        return_tensors
            Whether to return arrays in place of nested lists.
        batch_size
            How many texts the model sees at once; the result does not depend on it.

        Returns
        -------
        list
            Nested lists of the shape (1, seq, hidden) for a text, a list of them for several.
        """
        texts = [inputs] if isinstance(inputs, str) else strings("inputs", inputs)
        size = self._batch_size if batch_size is None else _checked_batch_size(batch_size)
        try:
            arrays = self._native.run(texts, truncation, size)
        except UnicodeEncodeError as error:
            raise half_surrogate(error) from error
        results: list[Any] = arrays if return_tensors else [array.tolist() for array in arrays]
        return results[0] if isinstance(inputs, str) else results


class SentenceSimilarityPipeline(Pipeline):
    """How alike sentences are: the cosine of their vectors.

    The vectors are pooled as the model's sentence-transformers files say, or else the mean over the tokens.
    """

    task = "sentence-similarity"

    def __init__(
        self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, batch_size: int | None = None
    ) -> None:
        super().__init__(model, tokenizer, batch_size)
        self._native = native.SentenceSimilarity(model._native, tokenizer._native, model._directory)

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
        size = self._batch_size if batch_size is None else _checked_batch_size(batch_size)
        try:
            vectors: NDArray[np.float32] = self._native.embed(texts, size)
        except UnicodeEncodeError as error:
            raise half_surrogate(error) from error
        return vectors[0] if isinstance(sentences, str) else vectors


class _Options(TypedDict, total=False):
    device: str | Device
    dtype: str | type[Any] | DtypeObject | None
    torch_dtype: str | type[Any] | DtypeObject | None
    model_kwargs: Mapping[str, Any] | None
    batch_size: int | None
    revision: str | None
    token: str | None
    cache_dir: str | os.PathLike[str] | None
    local_files_only: bool


@overload
def pipeline(
    task: Literal["feature-extraction"],
    model: str | os.PathLike[str] | PreTrainedModel | None = ...,
    tokenizer: str | os.PathLike[str] | PreTrainedTokenizerFast | None = ...,
    **options: Unpack[_Options],
) -> FeatureExtractionPipeline: ...
@overload
def pipeline(
    task: Literal["sentence-similarity"],
    model: str | os.PathLike[str] | PreTrainedModel | None = ...,
    tokenizer: str | os.PathLike[str] | PreTrainedTokenizerFast | None = ...,
    **options: Unpack[_Options],
) -> SentenceSimilarityPipeline: ...
@overload
def pipeline(
    task: str,
    model: str | os.PathLike[str] | PreTrainedModel | None = ...,
    tokenizer: str | os.PathLike[str] | PreTrainedTokenizerFast | None = ...,
    **options: Unpack[_Options],
) -> Pipeline: ...
def pipeline(
    task: str,
    model: str | os.PathLike[str] | PreTrainedModel | None = None,
    tokenizer: str | os.PathLike[str] | PreTrainedTokenizerFast | None = None,
    **options: Unpack[_Options],
) -> Pipeline:
    """Makes a pipeline for a task.

    Parameters
    ----------
    task
        "feature-extraction" or "sentence-similarity".
    model
        A directory, a repository's name, or a loaded model.
    tokenizer
        The same for the tokenizer; that of `model` if absent.
    device, dtype, torch_dtype
        As for `AutoModel.from_pretrained`.
    model_kwargs
        More arguments of `AutoModel.from_pretrained`, such as `{"load_in_8bit": True}`.
    batch_size
        How many texts the model sees at once.
    revision, token, cache_dir, local_files_only
        How to use the hub.

    Raises
    ------
    InputError
        An argument is given twice, or one that says how to load a model comes with a loaded one.
    UnsupportedError
        There is no such task here, or no model is given: tasks have no default models here.

    Examples
    --------
    >>> from trustformers import pipeline
    >>> similarity = pipeline("sentence-similarity", path, dtype="bfloat16", model_kwargs={"load_in_8bit": True})
    >>> similarity.model.quantization_method
    'int8'
    """
    if unknown := sorted(set(options) - set(_Options.__annotations__)):
        raise TypeError(f"pipeline() got unexpected keyword arguments: {', '.join(unknown)}")
    kinds = {cls.task: cls for cls in (FeatureExtractionPipeline, SentenceSimilarityPipeline)}
    if task not in kinds:
        raise UnsupportedError(f"not supported: the task {task!r}; known are {', '.join(kinds)}")
    if model is None:
        raise UnsupportedError(f"not supported: a default model for {task!r}; pass model=")
    given = _with_model_kwargs(options, is_loaded=isinstance(model, PreTrainedModel))
    hub: dict[str, Any] = {name: given.get(name, default) for name, default in _HUB_DEFAULTS.items()}
    if not isinstance(model, PreTrainedModel):
        load_options = _loading.load_options(**{name: given[name] for name in _LOAD_OPTIONS if name in given})
        name = os.fspath(model)
        directory = os.fspath(native.resolve(name, "model" if tokenizer else "pipeline", **hub))
        tokenizer = tokenizer or directory
        model = AutoModel._load(name, directory, load_options)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        source = model._directory if tokenizer is None else tokenizer
        tokenizer = AutoTokenizer.from_pretrained(source, **hub)
    return kinds[task](model, tokenizer, options.get("batch_size"))


def _with_model_kwargs(options: _Options, *, is_loaded: bool) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in options.items() if name != "model_kwargs"}
    model_kwargs = options.get("model_kwargs") or {}
    if not isinstance(model_kwargs, Mapping):
        raise InputError(f"model_kwargs: expected a mapping, found {kind(model_kwargs)}")
    if unknown := [repr(name) for name in model_kwargs if name not in _LOAD_OPTIONS and name not in _HUB_DEFAULTS]:
        raise TypeError(f"pipeline() got unexpected names in model_kwargs: {', '.join(unknown)}")
    if model_kwargs and is_loaded:
        raise InputError("model_kwargs: the model is loaded already; pass them to AutoModel.from_pretrained")
    if twice := [name for name in model_kwargs if name in given]:
        raise InputError(f"model_kwargs: {', '.join(twice)} is also an argument of its own; pass it once")
    return {**given, **model_kwargs}


def _checked_batch_size(batch_size: int | None) -> int:
    if batch_size is None:
        return 32
    if not isinstance(batch_size, int) or batch_size < 1:
        raise InputError(f"batch_size: expected at least 1, found {batch_size!r}")
    return batch_size
