"""Text classification and zero-shot classification."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypedDict, overload

from trustformers import _native
from trustformers._checks.arguments import flag, kind, strings
from trustformers.errors import InputError
from trustformers.pipelines.arguments import (
    TOKENIZER,
    CallOptions,
    Check,
    TokenizerOptions,
    count,
    name_of,
    optional,
    text,
)
from trustformers.pipelines.base import Pipeline, native_call

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["TextClassificationPipeline", "ZeroShotClassificationPipeline", "ZeroShotClassificationResult"]

logger: logging.Logger = logging.getLogger("trustformers")


class TextClassificationOptions(CallOptions, TokenizerOptions, total=False):
    """Arguments of text classification."""

    top_k: int | None
    function_to_apply: str | None


class TextClassificationPipeline(Pipeline):
    """Classifies texts, with a sequence classification model."""

    task = "text-classification"
    _checks: ClassVar[Mapping[str, Check]] = {
        "top_k": optional(count),
        "function_to_apply": optional(name_of),
        **TOKENIZER,
    }

    def _prepare(self) -> None:
        self._native = _native.TextClassification(self.model._native, self.tokenizer._native)

    @overload
    def __call__(
        self, inputs: str | list[Any] | tuple[Any, ...], **options: Unpack[TextClassificationOptions]
    ) -> list[Any]: ...
    @overload
    def __call__(self, inputs: Mapping[str, str], **options: Unpack[TextClassificationOptions]) -> Any: ...
    @overload
    def __call__(self, inputs: Iterator[Any], **options: Unpack[TextClassificationOptions]) -> Iterator[Any]: ...
    def __call__(self, inputs: Any, **options: Unpack[TextClassificationOptions]) -> Any:
        """Classifies texts.

        Parameters
        ----------
        inputs
            A text, a mapping of `text` and `text_pair`, a list of these, or an iterator of them.
        top_k
            The number of labels to return, None for all; by default the best one.
        function_to_apply
            "softmax", "sigmoid" or "none"; by default it follows from the model's `problem_type` and number of labels.
        truncation, max_length, padding, add_special_tokens
            As for the tokenizer.
        batch_size, num_workers
            As for the pipeline.

        Returns
        -------
        list
            A dict of `label` and `score` for each text; with `top_k` a list of these for each, best first. An iterator
            returns an iterator of them.
        """
        result = self._call(inputs, {**options})
        return [result] if isinstance(inputs, str) and "top_k" not in options else result

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        rows = [_text_and_pair(item) for item in inputs]
        only_best = "top_k" not in options
        outputs = native_call(
            self._native.run,
            [row[0] for row in rows],
            [row[1] for row in rows],
            batch_size=batch_size,
            **({"top_k": 1} if only_best else {}),
            **options,
        )
        results = [[{"label": label, "score": score} for label, score in labels] for labels in outputs]
        return [labels[0] for labels in results] if only_best else results


def _text_and_pair(item: object) -> tuple[str, str | None]:
    if isinstance(item, str):
        return item, None
    if isinstance(item, Mapping):
        if "text" not in item or not item.keys() <= {"text", "text_pair"}:
            raise InputError(f"inputs: expected the keys text and text_pair, found {[*item]}")
        pair = item.get("text_pair")
        return text("text", item["text"]), text("text_pair", pair) if pair else None
    if isinstance(item, (list, tuple)) and len(item) == 1 and isinstance(item[0], (list, tuple)) and len(item[0]) == 2:
        return text("inputs", item[0][0]), text("inputs", item[0][1])
    raise InputError(
        f'inputs: expected a str, or {{"text": ..., "text_pair": ...}} for two texts in one row, found {kind(item)}'
    )


class ZeroShotClassificationOptions(CallOptions, total=False):
    """Arguments of zero-shot classification."""

    hypothesis_template: str
    multi_label: bool


class ZeroShotClassificationResult(TypedDict):
    """The labels of a text and their scores, best first."""

    sequence: str
    labels: list[str]
    scores: list[float]


def _labels(name: str, value: object) -> list[str]:
    if isinstance(value, str):
        value = [label.strip() for label in value.split(",") if label.strip()]
    if not (labels := strings(name, value)):
        raise InputError(f"{name}: there is no label")
    return labels


class ZeroShotClassificationPipeline(Pipeline):
    """Classifies texts by any labels, with a natural language inference model."""

    task = "zero-shot-classification"
    _checks: ClassVar[Mapping[str, Check]] = {
        "candidate_labels": _labels,
        "hypothesis_template": text,
        "multi_label": flag,
    }

    def _prepare(self) -> None:
        self._native = _native.ZeroShotClassification(self.model._native, self.tokenizer._native)
        if self._native.entailment is None:
            logger.warning(
                "%s: no label begins with entail; the last label is taken as entailment", self.model.name_or_path
            )

    @overload
    def __call__(
        self,
        sequences: str,
        candidate_labels: str | Sequence[str] | None = ...,
        **options: Unpack[ZeroShotClassificationOptions],
    ) -> ZeroShotClassificationResult: ...
    @overload
    def __call__(
        self,
        sequences: list[str] | tuple[str, ...],
        candidate_labels: str | Sequence[str] | None = ...,
        **options: Unpack[ZeroShotClassificationOptions],
    ) -> list[ZeroShotClassificationResult]: ...
    @overload
    def __call__(
        self,
        sequences: Iterator[str],
        candidate_labels: str | Sequence[str] | None = ...,
        **options: Unpack[ZeroShotClassificationOptions],
    ) -> Iterator[ZeroShotClassificationResult]: ...
    def __call__(
        self,
        sequences: Any,
        candidate_labels: str | Sequence[str] | None = None,
        **options: Unpack[ZeroShotClassificationOptions],
    ) -> Any:
        """Classifies texts.

        Parameters
        ----------
        sequences
            A text, a list or an iterator of texts; a text that is too long is truncated.
        candidate_labels
            The labels, as a list or as a str separated by commas.
        hypothesis_template
            A sentence with `{}` in place of the label; by default "This example is {}.".
        multi_label
            Whether labels are scored independently; otherwise their scores add up to one.
        batch_size, num_workers
            As for the pipeline; a batch holds pairs of a text and a label.

        Returns
        -------
        dict
            `sequence`, `labels` and `scores`, best first; a list of dicts for a list.
        """
        labels = {} if candidate_labels is None else {"candidate_labels": candidate_labels}
        return self._call(sequences, {**options, **labels})

    def _checked(self, given: Mapping[str, object]) -> dict[str, Any]:
        return super()._checked({name: value for name, value in given.items() if value is not None})

    def _window_size(self, options: dict[str, Any], batch_size: int) -> int:
        labels = len(options.get("candidate_labels", ())) or 1
        return max(1, super()._window_size(options, batch_size) // labels)

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        texts = strings("sequences", list(inputs))
        if "" in texts:
            raise InputError(f"sequences: the text in row {texts.index('')} is empty")
        if "candidate_labels" not in options:
            raise InputError("candidate_labels: missing")
        labels = options["candidate_labels"]
        hypotheses = _hypotheses(options.get("hypothesis_template", "This example is {}."), labels)
        outputs = native_call(
            self._native.run,
            texts,
            hypotheses,
            multi_label=options.get("multi_label", False),
            batch_size=batch_size,
        )
        return [
            {
                "sequence": sequence,
                "labels": [labels[index] for index, _ in ranked],
                "scores": [score for _, score in ranked],
            }
            for sequence, ranked in zip(texts, outputs, strict=True)
        ]


def _hypotheses(template: str, labels: list[str]) -> list[str]:
    try:
        hypotheses = [template.format(label) for label in labels]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"hypothesis_template: {template!r} has other placeholders than one {{}}: {error}") from None
    if hypotheses[0] == template:
        raise InputError(f"hypothesis_template: {template!r} has no {{}} for the label")
    return hypotheses
