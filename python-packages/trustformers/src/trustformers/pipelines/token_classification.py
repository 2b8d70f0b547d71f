"""Token classification and entity recognition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, overload

from trustformers import _native
from trustformers._checks.arguments import flag, kind, strings
from trustformers.errors import InputError, UnsupportedError
from trustformers.pipelines.arguments import CallOptions, Check, count, listed, name_of, optional, text
from trustformers.pipelines.base import Pipeline, native_call

if TYPE_CHECKING:
    from typing_extensions import Unpack

    _Entity = tuple[str, float, str, int | None, int, int]

__all__ = ["TokenClassificationPipeline"]


class TokenClassificationOptions(CallOptions, total=False):
    """Arguments of token classification."""

    aggregation_strategy: str | None
    ignore_labels: Sequence[str] | None
    stride: int | None
    is_split_into_words: bool
    delimiter: str | None


def _no_offsets(name: str, value: object) -> None:
    if value is not None:
        raise UnsupportedError(f"not supported: {name}={value!r:.40}; offsets come from the tokenizer")


class TokenClassificationPipeline(Pipeline):
    """Classifies tokens, and groups them into entities, with a token classification model."""

    task = "token-classification"
    _checks: ClassVar[Mapping[str, Check]] = {
        "aggregation_strategy": name_of,
        "ignore_labels": listed,
        "stride": count,
        "is_split_into_words": flag,
        "delimiter": optional(text),
        "offset_mapping": _no_offsets,
    }

    def _prepare(self) -> None:
        self._native = _native.TokenClassification(self.model._native, self.tokenizer._native)

    @overload
    def __call__(self, inputs: str, **options: Unpack[TokenClassificationOptions]) -> list[dict[str, Any]]: ...
    @overload
    def __call__(
        self, inputs: list[str] | list[list[str]] | tuple[str, ...], **options: Unpack[TokenClassificationOptions]
    ) -> list[list[dict[str, Any]]]: ...
    @overload
    def __call__(
        self, inputs: Iterator[Any], **options: Unpack[TokenClassificationOptions]
    ) -> Iterator[list[dict[str, Any]]]: ...
    def __call__(self, inputs: Any, **options: Unpack[TokenClassificationOptions]) -> Any:
        """Classifies the tokens of texts.

        Parameters
        ----------
        inputs
            A text, a list or an iterator of texts; with `is_split_into_words` a list of words or of such lists.
        aggregation_strategy
            How tokens are grouped into entities: "none"; "simple", adjacent tokens of one label; "first", "average" and
            "max", adjacent words of one label: the label of the first token, the best mean score or the best score.
        ignore_labels
            Labels to leave out, by default ["O"].
        stride
            The number of tokens that consecutive parts of a long text share; by default long texts are truncated.
        is_split_into_words, delimiter
            Whether texts are lists of words, and the text that joins the words, by default a space; `start` and `end`
            count in the joined text.
        batch_size, num_workers
            As for the pipeline.

        Returns
        -------
        list
            For each text a list of dicts of `score`, `word`, `start`, `end`, and either `entity` and `index` of a token
            or `entity_group`.
        """
        if isinstance(inputs, (list, tuple)) and not inputs:
            raise InputError("inputs: the list is empty; at least one text is needed")
        is_split = options.get("is_split_into_words", self._options.get("is_split_into_words", False))
        if is_split and isinstance(inputs, (list, tuple)) and not all(isinstance(row, (list, tuple)) for row in inputs):
            inputs = [inputs]
        return self._call(inputs, {**options})

    def _checked(self, given: Mapping[str, object]) -> dict[str, Any]:
        checked = super()._checked({name: value for name, value in given.items() if value is not None})
        if "stride" in checked and checked.get("aggregation_strategy") == "none":
            raise InputError('stride: needs an aggregation_strategy other than "none"')
        limit = self.tokenizer.model_max_length
        if checked.get("stride", -1) >= limit:
            raise InputError(f"stride: {checked['stride']} is not less than the tokenizer's model_max_length = {limit}")
        return checked

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        arguments = {
            "aggregation_strategy": options.get("aggregation_strategy", "none"),
            "ignore_labels": options.get("ignore_labels", ["O"]),
            "stride": options.get("stride"),
            "batch_size": batch_size,
        }
        if options.get("is_split_into_words"):
            rows = [strings("inputs", row) for row in inputs]
            outputs = native_call(self._native.run_words, rows, options.get("delimiter", " "), **arguments)
        else:
            for index, item in enumerate(inputs):
                if isinstance(item, (list, tuple)):
                    raise InputError(f"inputs: row {index} is {kind(item)}; pass is_split_into_words=True for words")
            outputs = native_call(self._native.run, strings("inputs", list(inputs)), **arguments)
        shape = _token if arguments["aggregation_strategy"] == "none" else _group
        return [[shape(entity) for entity in entities] for entities in outputs]


def _token(entity: _Entity) -> dict[str, Any]:
    label, score, word, index, start, end = entity
    return {"entity": label, "score": score, "index": index, "word": word, "start": start, "end": end}


def _group(entity: _Entity) -> dict[str, Any]:
    label, score, word, _, start, end = entity
    return {"entity_group": label, "score": score, "word": word, "start": start, "end": end}
