"""Text classification and zero-shot classification."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypedDict, overload

import numpy as np

from trustformers import _native
from trustformers._checks.arguments import flag, kind, strings
from trustformers.errors import InputError
from trustformers.pipelines.arguments import (
    CallOptions,
    TokenizerOptions,
    count,
    for_engine,
    given_only,
    ignored,
    in_engine,
    member,
    text,
    tokenizer_arguments,
)
from trustformers.pipelines.base import ArgumentHandler, ChunkPipeline, Pipeline, native_call
from trustformers.pipelines.batches import row, softmax
from trustformers.pipelines.datasets import Stream
from trustformers.pipelines.steps import Parameters, tensor_type

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from typing_extensions import Unpack

    from trustformers.models.base import PreTrainedModel
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = [
    "ClassificationFunction",
    "TextClassificationPipeline",
    "ZeroShotClassificationArgumentHandler",
    "ZeroShotClassificationPipeline",
    "ZeroShotClassificationResult",
]

logger: logging.Logger = logging.getLogger("trustformers")


class TextClassificationOptions(CallOptions, TokenizerOptions, total=False):
    """Arguments of text classification."""

    top_k: int | None
    function_to_apply: str | ClassificationFunction | None
    return_all_scores: bool | None


class ClassificationFunction(str, Enum):
    """The function that turns logits into scores."""

    SIGMOID = "sigmoid"
    SOFTMAX = "softmax"
    NONE = "none"

    def __str__(self) -> str:
        return self.value


class TextClassificationPipeline(Pipeline):
    """Classifies texts, with a sequence classification model."""

    task = "text-classification"
    _aliases = ("sentiment-analysis",)
    _config_keys = ("id2label", "problem_type")
    _load_tokenizer = True
    # Without effect, as in transformers; it is an argument of calls.
    function_to_apply: ClassificationFunction = ClassificationFunction.NONE

    def _engine(self) -> Any:
        return _native.TextClassification(self.model._native, self.tokenizer._native)

    def _sanitize_parameters(
        self,
        return_all_scores: bool | None = None,
        function_to_apply: Any = None,
        top_k: Any = "",
        **tokenizer_kwargs: Any,
    ) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`.

        Parameters
        ----------
        return_all_scores
            Without effect, as in transformers 5.
        function_to_apply, top_k
            As for a call.
        **tokenizer_kwargs
            Arguments of the tokenizer.
        """
        if return_all_scores is not None:
            logger.warning("return_all_scores: without effect, as in transformers 5; top_k=None returns all labels")
        postprocess: dict[str, Any] = {}
        if top_k != "":
            postprocess = {"top_k": None if top_k is None else count("top_k", top_k), "_legacy": False}
        if function_to_apply is not None:
            postprocess["function_to_apply"] = member("function_to_apply", function_to_apply, ClassificationFunction)
        return tokenizer_arguments(f"the {self.task} pipeline", tokenizer_kwargs), {}, postprocess

    def preprocess(self, inputs: Any, **tokenizer_kwargs: Any) -> Any:
        """Encodes a text, or a mapping of `text` and `text_pair`."""
        text, pair = _text_and_pair(inputs)
        return self.tokenizer(text, pair, return_tensors=tensor_type(), **tokenizer_kwargs)

    def _forward(self, model_inputs: Any) -> Any:
        return self.model(**model_inputs)

    def postprocess(
        self,
        model_outputs: Any,
        function_to_apply: ClassificationFunction | str | None = None,
        top_k: int | None = 1,
        _legacy: bool = True,
    ) -> Any:
        """The best label as a dict of `label` and `score`; a list of dicts unless `top_k` is 1 and `_legacy` is true.

        Parameters
        ----------
        model_outputs
            An output with `logits` (1, num_labels).
        function_to_apply, top_k
            As for a call.
        _legacy
            Whether a list keeps the order of labels.
        """
        logits = row(model_outputs["logits"][0])
        function = self._default_function() if function_to_apply is None else function_to_apply
        scores = _scores(logits, member("function_to_apply", function, ClassificationFunction))
        labels = self.model.config.id2label
        results = [{"label": labels[index], "score": score} for index, score in enumerate(scores)]
        if top_k == 1 and _legacy:
            return max(results, key=itemgetter("score"))
        return results if _legacy else sorted(results, key=itemgetter("score"), reverse=True)[:top_k]

    def _default_function(self) -> ClassificationFunction:
        config = self.model.config
        if config.problem_type == "regression":
            return ClassificationFunction.NONE
        is_independent = config.problem_type == "multi_label_classification" or config.num_labels == 1
        return ClassificationFunction.SIGMOID if is_independent else ClassificationFunction.SOFTMAX

    @overload
    def __call__(
        self, inputs: str | list[Any] | tuple[Any, ...], **options: Unpack[TextClassificationOptions]
    ) -> list[Any]: ...
    @overload
    def __call__(self, inputs: Mapping[str, str], **options: Unpack[TextClassificationOptions]) -> Any: ...
    @overload
    def __call__(self, inputs: Stream, **options: Unpack[TextClassificationOptions]) -> Iterator[Any]: ...
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
            As for the tokenizer, and so are its other arguments.
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

    def _engine_takes(self, options: dict[str, Any]) -> bool:
        return in_engine(_tokenizer_options(options))

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        rows = [_text_and_pair(item) for item in inputs]
        only_best = "top_k" not in options
        function = options.get("function_to_apply")
        outputs = native_call(
            self._native.run,
            [row[0] for row in rows],
            [row[1] for row in rows],
            batch_size=batch_size,
            top_k=options.get("top_k", 1),
            function_to_apply=None if function is None else function.value,
            **for_engine(_tokenizer_options(options)),
        )
        results = [[{"label": label, "score": score} for label, score in labels] for labels in outputs]
        return [labels[0] for labels in results] if only_best else results


def _tokenizer_options(options: Mapping[str, Any]) -> dict[str, Any]:
    others = ("top_k", "_legacy", "function_to_apply")
    return {name: value for name, value in options.items() if name not in others}


def _scores(logits: NDArray[np.float32], function: ClassificationFunction) -> list[float]:
    if function is ClassificationFunction.SOFTMAX:
        logits = softmax(logits)
    elif function is ClassificationFunction.SIGMOID:
        logits = _native.Tensor.from_numpy(logits).sigmoid().numpy()
    scores: list[float] = logits.tolist()
    return scores


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


class ZeroShotClassificationArgumentHandler(ArgumentHandler):
    """Pairs texts with hypotheses."""

    def _parse_labels(self, labels: Any) -> list[str]:
        if isinstance(labels, str):
            labels = [label.strip() for label in labels.split(",") if label.strip()]
        if not (found := strings("candidate_labels", labels)):
            raise InputError("candidate_labels: there is no label")
        return found

    def __call__(self, sequences: Any, labels: Any, hypothesis_template: str) -> tuple[list[list[str]], list[str]]:
        """The pairs of every text with every label's hypothesis, and the texts as a list.

        Parameters
        ----------
        sequences
            A text or a list of texts.
        labels
            The labels.
        hypothesis_template
            A sentence with `{}` in place of the label.
        """
        texts = strings("sequences", [sequences] if isinstance(sequences, str) else sequences)
        if not texts or "" in texts:
            raise InputError(f"sequences: the text in row {texts.index('') if texts else 0} is empty")
        if labels is None:
            raise InputError("candidate_labels: missing")
        hypotheses = _hypotheses(hypothesis_template, self._parse_labels(labels))
        return [[text, hypothesis] for text in texts for hypothesis in hypotheses], texts


class ZeroShotClassificationPipeline(ChunkPipeline):
    """Classifies texts by any labels, with a natural language inference model."""

    task = "zero-shot-classification"
    _load_tokenizer = True
    _hooks = ("_parse_and_tokenize", "entailment_id")
    _config_keys = ("id2label", "label2id")

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast | None = None,
        *,
        args_parser: ArgumentHandler | None = None,
        **options: Any,
    ) -> None:
        self._args_parser: Any = args_parser or ZeroShotClassificationArgumentHandler()
        super().__init__(model, tokenizer, **options)

    def _engine(self) -> Any:
        return _native.ZeroShotClassification(self.model._native, self.tokenizer._native)

    def _prepare(self) -> None:
        if self._native.entailment is None and self.entailment_id == -1:
            logger.warning(
                "%s: no label begins with entail; the last label is taken as entailment", self.model.name_or_path
            )

    @property
    def entailment_id(self) -> int:
        """The index of the entailment label; -1, the last one, if no label begins with "entail"."""
        config = self.model.config
        named = {label: index for index, label in config.id2label.items()}
        entails = (index for label, index in {**config.label2id, **named}.items() if label.lower().startswith("entail"))
        return next((int(index) for index in entails if index < config.num_labels), -1)

    def _sanitize_parameters(self, **kwargs: Any) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`.

        Parameters
        ----------
        **kwargs
            As for a call; `multi_class`, a name of `multi_label` in transformers 3, and arguments of the tokenizer have
            no effect.
        """
        given = given_only(**kwargs)
        if given.pop("multi_class", None) is not None:
            logger.warning("multi_class: without effect, as in transformers 5; pass multi_label")
        preprocess: dict[str, Any] = {}
        if "candidate_labels" in given:
            preprocess["candidate_labels"] = self._args_parser._parse_labels(given.pop("candidate_labels"))
        if "hypothesis_template" in given:
            preprocess["hypothesis_template"] = text("hypothesis_template", given.pop("hypothesis_template"))
        postprocess = {"multi_label": flag("multi_label", given.pop("multi_label"))} if "multi_label" in given else {}
        ignored(f"the {self.task} pipeline", given, "texts are truncated, and hypotheses are not")
        return preprocess, {}, postprocess

    def _parse_and_tokenize(
        self,
        sequence_pairs: list[list[str]],
        padding: Any = True,
        add_special_tokens: bool = True,
        truncation: Any = "only_first",
        **_kwargs: Any,
    ) -> Any:
        """Encodes pairs, truncating the texts and not the hypotheses."""
        options: dict[str, Any] = {"add_special_tokens": add_special_tokens, "return_tensors": tensor_type()}
        if len(sequence_pairs) > 1:
            options["padding"] = padding
        texts, hypotheses = (list(texts) for texts in zip(*sequence_pairs, strict=True))
        try:
            return self.tokenizer(texts, hypotheses, truncation=truncation, **options)
        except InputError as error:
            if not str(error).startswith("truncation"):
                raise
            # A hypothesis alone exceeds the tokenizer's limit; the model may still accept it.
            return self.tokenizer(texts, hypotheses, truncation=False, **options)

    def preprocess(
        self,
        inputs: Any,
        candidate_labels: Any = None,
        hypothesis_template: str = "This example is {}.",
    ) -> Iterator[dict[str, Any]]:
        """Encodes a text with the hypothesis of each label, one chunk per label."""
        pairs, sequences = self._args_parser(inputs, candidate_labels, hypothesis_template)
        labels = self._args_parser._parse_labels(candidate_labels)
        for index, (label, pair) in enumerate(zip(labels, pairs, strict=False)):
            yield {
                "candidate_label": label,
                "sequence": sequences[0],
                "is_last": index == len(labels) - 1,
                **self._parse_and_tokenize([pair]),
            }

    def _forward(self, inputs: Any) -> dict[str, Any]:
        model_inputs = {name: inputs[name] for name in self.tokenizer.model_input_names}
        chunk = {name: inputs[name] for name in ("candidate_label", "sequence", "is_last")}
        return {**chunk, **self.model(**model_inputs)}

    def postprocess(self, model_outputs: Any, multi_label: bool = False) -> ZeroShotClassificationResult:
        """The labels and their scores, best first.

        Parameters
        ----------
        model_outputs
            For each label a dict of `candidate_label`, `sequence` and `logits` (1, num_labels).
        multi_label
            Whether labels are scored independently.
        """
        labels = [output["candidate_label"] for output in model_outputs]
        logits = np.stack([row(output["logits"][0]) for output in model_outputs])
        entailment = self.entailment_id
        if multi_label or len(labels) == 1:
            found = softmax(logits[:, [-1 if entailment == 0 else 0, entailment]])[:, 1].tolist()
        else:
            found = softmax(logits[:, entailment]).tolist()
        # Of equal scores the last comes first, as in transformers.
        ranked = sorted(range(len(found)), key=lambda index: (found[index], index), reverse=True)
        return {
            "sequence": model_outputs[0]["sequence"],
            "labels": [labels[index] for index in ranked],
            "scores": [found[index] for index in ranked],
        }

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
        sequences: Stream,
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

    def _engine_takes(self, options: dict[str, Any]) -> bool:
        return type(self._args_parser) is ZeroShotClassificationArgumentHandler

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
