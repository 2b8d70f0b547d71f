"""Token classification and entity recognition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, ClassVar, overload

from trustformers import _native
from trustformers._checks.arguments import flag, kind, strings
from trustformers.errors import InputError
from trustformers.pipelines.arguments import CallOptions, count, given_only, listed, member, text
from trustformers.pipelines.base import ArgumentHandler as ArgumentHandler  # noqa: PLC0414
from trustformers.pipelines.base import ChunkPipeline as ChunkPipeline  # noqa: PLC0414
from trustformers.pipelines.base import native_call
from trustformers.pipelines.datasets import Stream
from trustformers.pipelines.entities import ENTITY_HOOKS, AggregationStrategy, EntitySteps
from trustformers.pipelines.steps import Parameters, tensor_type

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from trustformers._views.pipelines_token_classification import *  # noqa: F403
    from trustformers.models.base import PreTrainedModel
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

    _Entity = tuple[str, float, str, int | None, int, int]

__all__ = [
    "AggregationStrategy",
    "NerPipeline",
    "TokenClassificationArgumentHandler",
    "TokenClassificationPipeline",
]

# Values that `preprocess` passes on to `postprocess`.
_NOT_OF_THE_MODEL = (
    "special_tokens_mask",
    "offset_mapping",
    "sentence",
    "is_last",
    "word_ids",
    "word_to_chars_map",
)


class TokenClassificationOptions(CallOptions, total=False):
    """Arguments of token classification."""

    aggregation_strategy: str | AggregationStrategy | None
    ignore_labels: Sequence[str] | None
    stride: int | None
    is_split_into_words: bool
    delimiter: str | None
    offset_mapping: Any
    grouped_entities: bool | None
    ignore_subwords: bool | None


class TokenClassificationArgumentHandler(ArgumentHandler):
    """Reads the inputs, and the offsets of their tokens."""

    def __call__(self, inputs: Any, **kwargs: Any) -> tuple[Any, bool, Any, str | None]:
        """The inputs as a list, whether they are words, the offsets of each, and the delimiter.

        Parameters
        ----------
        inputs
            A text, a list of texts or of lists of words, or an iterator of them.
        **kwargs
            `is_split_into_words`, `offset_mapping` and `delimiter`.
        """
        is_split, delimiter = bool(kwargs.get("is_split_into_words")), kwargs.get("delimiter")
        offsets = kwargs.get("offset_mapping")
        if isinstance(inputs, str):
            inputs = [inputs]
        if isinstance(inputs, (list, tuple)):
            if not inputs:
                raise InputError("inputs: the list is empty; at least one text is needed")
            inputs = list(inputs)
            if offsets and isinstance(offsets[0], tuple):
                offsets = [offsets]
            if offsets and len(offsets) != len(inputs):
                raise InputError(f"offset_mapping: expected a list for each of {len(inputs)} texts")
        return inputs, is_split, offsets, delimiter


class TokenClassificationPipeline(EntitySteps, ChunkPipeline):
    """Classifies tokens, and groups them into entities, with a token classification model."""

    task = "token-classification"
    _aliases = ("ner",)
    _config_keys = ("id2label",)
    default_input_names: ClassVar[str | None] = "sequences"
    _load_tokenizer = True
    _hooks = ENTITY_HOOKS

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast | None = None,
        *,
        args_parser: ArgumentHandler | None = None,
        **options: Any,
    ) -> None:
        self._args_parser: Any = args_parser or TokenClassificationArgumentHandler()
        super().__init__(model, tokenizer, **options)

    def _engine(self) -> Any:
        return _native.TokenClassification(self.model._native, self.tokenizer._native)

    def _sanitize_parameters(
        self,
        *,
        ignore_labels: Sequence[str] | None = None,
        aggregation_strategy: Any = None,
        offset_mapping: Any = None,
        is_split_into_words: bool | None = None,
        stride: int | None = None,
        delimiter: str | None = None,
        grouped_entities: bool | None = None,
        ignore_subwords: bool | None = None,
    ) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`.

        Parameters
        ----------
        ignore_labels, aggregation_strategy, offset_mapping, is_split_into_words, stride, delimiter
            As for a call.
        grouped_entities, ignore_subwords
            As in transformers 4: "simple" if entities are grouped, "first" if also subwords are ignored.
        """
        if aggregation_strategy is None and (grouped_entities is not None or ignore_subwords is not None):
            grouped = AggregationStrategy.FIRST if ignore_subwords else AggregationStrategy.SIMPLE
            aggregation_strategy = grouped if grouped_entities else AggregationStrategy.NONE
        preprocess = given_only(offset_mapping=offset_mapping)
        if is_split_into_words is not None:
            preprocess["is_split_into_words"] = flag("is_split_into_words", is_split_into_words)
        if delimiter is not None:
            preprocess["delimiter"] = text("delimiter", delimiter)
        postprocess: dict[str, Any] = {}
        if aggregation_strategy is not None:
            strategy = member("aggregation_strategy", aggregation_strategy, AggregationStrategy)
            postprocess["aggregation_strategy"] = strategy
        if ignore_labels is not None:
            postprocess["ignore_labels"] = listed("ignore_labels", ignore_labels)
        if stride is not None:
            self._check_stride(count("stride", stride), postprocess.get("aggregation_strategy"))
            preprocess["tokenizer_params"] = {"return_overflowing_tokens": True, "padding": True, "stride": stride}
        return preprocess, {}, postprocess

    def _check_stride(self, stride: int, strategy: AggregationStrategy | None) -> None:
        limit = self.tokenizer.model_max_length
        if strategy is AggregationStrategy.NONE:
            raise InputError('stride: needs an aggregation_strategy other than "none"')
        if stride >= limit:
            raise InputError(f"stride: {stride} is not less than the tokenizer's model_max_length = {limit}")

    def preprocess(self, sentence: Any, offset_mapping: Any = None, **preprocess_params: Any) -> Iterator[Any]:
        """Encodes a text, or a list of words with `is_split_into_words`; with a stride there may be several chunks.

        Parameters
        ----------
        sentence
            The text or the words.
        offset_mapping
            The offsets of the tokens, in place of the tokenizer's, for a batch of one.
        **preprocess_params
            `is_split_into_words`, `delimiter`, and `tokenizer_params`, further arguments of the tokenizer.
        """
        options = {**preprocess_params.get("tokenizer_params", {})}
        word_to_chars_map = None
        inputs = sentence
        if preprocess_params.get("is_split_into_words"):
            words, delimiter = strings("inputs", sentence), preprocess_params.get("delimiter") or " "
            ends = accumulate((len(word) + len(delimiter) for word in words), initial=0)
            word_to_chars_map = [(start, start + len(word)) for start, word in zip(ends, words, strict=False)]
            inputs, sentence, options["is_split_into_words"] = words, delimiter.join(words), True
        else:
            text("inputs", sentence)
        limit = self.tokenizer.model_max_length
        encoded = self.tokenizer(
            inputs,
            return_tensors=tensor_type(),
            truncation=bool(limit and limit > 0),
            return_special_tokens_mask=True,
            return_offsets_mapping=True,
            **options,
        )
        encoded.pop("overflow_to_sample_mapping", None)
        chunks = len(encoded["input_ids"])
        for index in range(chunks):
            chunk: dict[str, Any] = {name: value[index : index + 1] for name, value in encoded.items()}
            if offset_mapping is not None:
                chunk["offset_mapping"] = offset_mapping
            chunk["sentence"] = sentence if index == 0 else None
            chunk["is_last"] = index == chunks - 1
            if word_to_chars_map is not None:
                chunk["word_ids"] = encoded.word_ids(index)
                chunk["word_to_chars_map"] = word_to_chars_map
            yield chunk

    def _forward(self, model_inputs: Any) -> dict[str, Any]:
        others = {name: model_inputs.pop(name, None) for name in _NOT_OF_THE_MODEL}
        output = self.model(**model_inputs)
        logits = output["logits"] if isinstance(output, dict) else output[0]
        return {"logits": logits, **others, **model_inputs}

    @overload
    def __call__(self, inputs: str, **options: Unpack[TokenClassificationOptions]) -> list[dict[str, Any]]: ...
    @overload
    def __call__(
        self, inputs: list[str] | list[list[str]] | tuple[str, ...], **options: Unpack[TokenClassificationOptions]
    ) -> list[list[dict[str, Any]]]: ...
    @overload
    def __call__(
        self, inputs: Stream, **options: Unpack[TokenClassificationOptions]
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
        offset_mapping
            The offsets of the tokens of each text, in place of the tokenizer's.
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
        given: dict[str, Any] = {**options}
        if "is_split_into_words" not in given:
            given |= _split(self._preprocess_params)
        rows, is_split, offset_mapping, _ = self._args_parser(inputs, **given)
        if offset_mapping is not None:
            given["offset_mapping"] = offset_mapping
        # As in transformers, where a list of words is a batch of one.
        if is_split and isinstance(inputs, (list, tuple)) and not all(isinstance(row, (list, tuple)) for row in rows):
            inputs = [inputs]
        return self._call(inputs, given)

    def _engine_takes(self, options: dict[str, Any]) -> bool:
        return "offset_mapping" not in options and type(self._args_parser) is TokenClassificationArgumentHandler

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        strategy = options.get("aggregation_strategy", AggregationStrategy.NONE)
        arguments = {
            "aggregation_strategy": strategy.value,
            "ignore_labels": options.get("ignore_labels", ["O"]),
            "stride": options.get("tokenizer_params", {}).get("stride"),
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
        shape = _token if strategy is AggregationStrategy.NONE else _group
        return [[shape(entity) for entity in entities] for entities in outputs]


# transformers has two names for the class.
NerPipeline = TokenClassificationPipeline


def _split(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: parameters[name] for name in ("is_split_into_words", "delimiter") if name in parameters}


def _token(entity: _Entity) -> dict[str, Any]:
    label, score, word, index, start, end = entity
    return {"entity": label, "score": score, "index": index, "word": word, "start": start, "end": end}


def _group(entity: _Entity) -> dict[str, Any]:
    label, score, word, _, start, end = entity
    return {"entity_group": label, "score": score, "word": word, "start": start, "end": end}
