"""Text generation from texts: summaries, translations and answers of encoder-decoders."""

from __future__ import annotations

import enum
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, overload

import numpy as np

from trustformers._checks.arguments import flag, kind
from trustformers._checks.tensors import as_array, as_tensor
from trustformers.errors import InputError
from trustformers.generation.config import GenerationConfig, known_keys
from trustformers.generation.mixin import GenerationMixin
from trustformers.models.auto import AutoModelForSeq2SeqLM
from trustformers.models.outputs import ModelOutput
from trustformers.pipelines.arguments import Check, text
from trustformers.pipelines.base import Pipeline, native_call
from trustformers.pipelines.datasets import Stream
from trustformers.pipelines.generation_arguments import assistant_of, num_prompts, run_generate, stated_settings
from trustformers.pipelines.steps import Parameters, tensor_type

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustformers.models.base import PreTrainedModel
    from trustformers.tokenizers.fast import PreTrainedTokenizerFast

__all__ = ["ReturnType", "SummarizationPipeline", "Text2TextGenerationPipeline", "TranslationPipeline"]

logger: logging.Logger = logging.getLogger("trustformers")

Records: TypeAlias = list[dict[str, Any]]

# Default settings of the pipelines of transformers 4.57, which precede those of the model.
_DEFAULTS = {"max_new_tokens": 256, "num_beams": 4}
# Default lengths of `generate`.
_MIN_LENGTH, _MAX_LENGTH = 0, 20
# Arguments of `generate` that are callables, and get tensors.
_CALLED = ("logits_processor", "prefix_allowed_tokens_fn", "stopping_criteria", "streamer")


class ReturnType(enum.Enum):
    """The content of a result: token ids or a text."""

    TENSORS = 0
    TEXT = 1


def _return_type(name: str, value: object) -> ReturnType:
    # The ReturnType of transformers is another enumeration with the same members.
    if isinstance(value, enum.Enum) and value.name in ReturnType.__members__:
        return ReturnType[value.name]
    raise InputError(f"{name}: expected a member of ReturnType, found {kind(value)}")


def _any(_name: str, value: object) -> object:
    return value


_CHECKS: Mapping[str, Check] = {
    "clean_up_tokenization_spaces": flag,
    "return_tensors": flag,
    "return_text": flag,
    "return_type": _return_type,
    "src_lang": text,
    "stop_sequence": text,
    "tgt_lang": text,
    "truncation": _any,
}
_ENCODE = ("src_lang", "tgt_lang", "truncation")
_RESULT = ("clean_up_tokenization_spaces", "return_type")


class Text2TextGenerationPipeline(Pipeline):
    """Generates texts from texts, with an encoder-decoder.

    By default, at most 256 tokens are generated with 4 beams, unless the model's generation configuration sets
    `max_length`. The model's `task_specific_params` of the pipeline's task take precedence over both.

    Parameters
    ----------
    task
        The name under which `task_specific_params` has settings and a prefix of texts; without it they are not used.
    assistant_model
        A smaller encoder-decoder with the same vocabulary that drafts tokens, or its directory or hub repository.
    assistant_tokenizer
        The tokenizer of the smaller model, which must have the vocabulary of the larger one's.
    **options
        Default arguments of calls. Keys of `GenerationConfig` become settings of `generation_config`.

    Attributes
    ----------
    generation_config
        The settings of calls that pass no `generation_config`.
    prefix
        A text to prepend to each text, or None.
    """

    task = "text2text-generation"
    _load_tokenizer = True
    _hooks = ("check_inputs", "_parse_and_tokenize")
    # The beginning of the keys of results.
    return_name: ClassVar[str] = "generated"
    model: GenerationMixin

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast | None = None,
        *,
        task: str = "",
        assistant_model: GenerationMixin | str | os.PathLike[str] | None = None,
        assistant_tokenizer: PreTrainedTokenizerFast | None = None,
        **options: Any,
    ) -> None:
        settings = {name: options.pop(name) for name in known_keys() if name in options}
        given_config = options.pop("generation_config", None)
        super().__init__(model, tokenizer, task=task, **options)
        self.assistant_model: GenerationMixin | None = assistant_of(
            self, AutoModelForSeq2SeqLM, assistant_model, assistant_tokenizer
        )
        self.assistant_tokenizer = assistant_tokenizer
        parameters = (getattr(self.model.config, "task_specific_params", None) or {}).get(task) or {}
        self.prefix: str | None = parameters.get("prefix", getattr(self.model.config, "prefix", None))
        parameters = {name: value for name, value in parameters.items() if name != "prefix"}
        self.generation_config: GenerationConfig = self._configured(settings, parameters)
        if given_config is not None:
            self._forward_params.setdefault("generation_config", given_config)

    def _configured(self, settings: dict[str, Any], parameters: dict[str, Any]) -> GenerationConfig:
        """The settings of the model, overridden by the pipeline's defaults, by its arguments and by its task's."""
        config = GenerationConfig(**{**self.model.generation_config.to_dict(), **_DEFAULTS})
        config.update(**settings)
        is_default = config.max_new_tokens == _DEFAULTS["max_new_tokens"]
        if is_default and config.max_length not in {None, _MAX_LENGTH}:
            config.max_new_tokens = None
        config.update(**parameters)
        if config.pad_token_id is None:
            config.pad_token_id = self.tokenizer.pad_token_id
        return config

    def _prepare(self) -> None:
        if isinstance(self.model, GenerationMixin) and getattr(self.model.config, "is_encoder_decoder", False):
            return
        instead = "; its task is text-generation" if isinstance(self.model, GenerationMixin) else ""
        raise InputError(
            f"model: {self.task} needs an encoder-decoder of a class such as AutoModelForSeq2SeqLM, found a "
            f"{type(self.model).__name__}{instead}"
        )

    @overload
    def __call__(self, inputs: str, **options: Any) -> Records: ...
    @overload
    def __call__(self, inputs: Sequence[str], **options: Any) -> Records | list[Records]: ...
    @overload
    def __call__(self, inputs: Stream, **options: Any) -> Iterator[Records]: ...
    def __call__(self, inputs: Any, **options: Any) -> Any:
        """Generates a text, or several, from each text.

        Parameters
        ----------
        inputs
            A text, or a list, an iterator or a dataset of texts.
        return_tensors
            Whether to return token ids instead of text.
        return_text
            Without effect, as in transformers: `return_tensors` selects the result.
        return_type
            A member of `ReturnType`; takes precedence over `return_tensors`.
        clean_up_tokenization_spaces
            As for the tokenizer's `decode`, by default False.
        truncation
            As for the tokenizer, by default False.
        stop_sequence
            A text whose first token ends the generation, in place of the model's `eos_token_id`.
        src_lang, tgt_lang
            Of translations only: the languages, for tokenizers that have several.
        batch_size, num_workers
            As for the pipeline.
        **options
            Arguments of the model's `generate`.

        Returns
        -------
        list
            For each text a list with a dict for each sequence: of `generated_text`, `summary_text` or
            `translation_text`, or of the token ids as a tensor, `generated_token_ids` and so on. For a list of texts
            with a sequence each, a list of these dicts.

        Raises
        ------
        InputError
            An input is not a text, or arguments are invalid.
        """
        results = self._call(inputs, options)
        is_flat = isinstance(inputs, (list, tuple)) and all(isinstance(one, str) for one in inputs)
        if is_flat and all(len(records) == 1 for records in results):
            return [records[0] for records in results]
        return results

    def check_inputs(self, input_length: int, min_length: int, max_length: int) -> Any:
        """Warns of lengths that do not fit the task.

        Parameters
        ----------
        input_length
            The number of tokens of an input.
        min_length, max_length
            The settings of `generate`, 0 and 20 by default.
        """
        del input_length, min_length, max_length
        return True

    def _sanitize_parameters(self, **kwargs: Any) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`."""
        given = {name: check(name, kwargs[name]) for name, check in _CHECKS.items() if kwargs.get(name) is not None}
        generate = {name: value for name, value in kwargs.items() if name not in _CHECKS}
        if "return_type" not in given and "return_tensors" in given:
            given["return_type"] = ReturnType.TENSORS if given["return_tensors"] else ReturnType.TEXT
        if "stop_sequence" in given:
            ids = self.tokenizer.encode(given["stop_sequence"], add_special_tokens=False)
            if not ids:
                raise InputError("stop_sequence: expected a text of at least one token, found none")
            if len(ids) > 1:
                logger.warning("stop_sequence: only the first of its %d tokens ends the generation", len(ids))
            generate["eos_token_id"] = ids[0]
        encode = {name: given[name] for name in _ENCODE if name in given}
        return encode, generate, {name: given[name] for name in _RESULT if name in given}

    def _parse_and_tokenize(self, inputs: str, *, truncation: Any = False, return_tensors: Any = None) -> Any:
        """A text with the prefix, encoded."""
        if not isinstance(inputs, str):
            raise InputError(f"inputs: expected a text or several, found {kind(inputs)}")
        encoded = native_call(
            self.tokenizer, (self.prefix or "") + inputs, truncation=truncation, return_tensors=return_tensors
        )
        # Not an argument of `generate`.
        encoded.pop("token_type_ids", None)
        return encoded

    def preprocess(self, inputs: Any, truncation: Any = False) -> Any:
        """Encodes a text.

        Parameters
        ----------
        inputs
            A text.
        truncation
            As for a call.
        """
        return self._encoded(inputs, tensor_type(), {"truncation": truncation})

    def _encoded(self, inputs: str, return_tensors: str | None, options: Mapping[str, Any]) -> Any:
        """The arguments of `generate` that are made of a text."""
        given = {"truncation": options["truncation"]} if "truncation" in options else {}
        return self._parse_and_tokenize(inputs, return_tensors=return_tensors, **given)

    def _forward(self, model_inputs: Any, **generate_kwargs: Any) -> dict[str, Any]:
        kwargs = self._settings(generate_kwargs)
        ids = model_inputs["input_ids"]
        self._check_lengths(ids.shape[-1], generate_kwargs)
        # What a tokenizer adds for a language is the same for all texts of a batch.
        given = {name: value[0] if isinstance(value, list) else value for name, value in model_inputs.items()}
        output = self.model.generate(**given, **kwargs)
        sequences = output["sequences"] if isinstance(output, ModelOutput) else output
        return {"output_ids": sequences.reshape(len(ids), len(sequences) // len(ids), -1)}

    def _settings(self, generate_kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of `generate`, with the pipeline's settings and the assistant."""
        kwargs = {"generation_config": self.generation_config, **generate_kwargs}
        if self.assistant_model is not None:
            kwargs.setdefault("assistant_model", self.assistant_model)
        return kwargs

    def _check_lengths(self, input_length: int, generate_kwargs: Mapping[str, Any]) -> None:
        lengths = []
        for name, default in (("min_length", _MIN_LENGTH), ("max_length", _MAX_LENGTH)):
            length = generate_kwargs.get(name, getattr(self.generation_config, name))
            lengths.append(default if length is None else length)
        self.check_inputs(input_length, *lengths)

    def postprocess(
        self,
        model_outputs: Any,
        return_type: ReturnType = ReturnType.TEXT,
        clean_up_tokenization_spaces: bool = False,
    ) -> Records:
        """The results of one text, a dict for each sequence.

        Parameters
        ----------
        model_outputs
            A dict of `output_ids` (1, sequences, seq).
        return_type, clean_up_tokenization_spaces
            As for a call.
        """
        if _return_type("return_type", return_type) is ReturnType.TENSORS:
            return [{f"{self.return_name}_token_ids": ids} for ids in model_outputs["output_ids"][0]]
        rows = as_array(model_outputs["output_ids"][0]).tolist()
        return self._texts(rows, clean_up_tokenization_spaces=clean_up_tokenization_spaces)

    def _texts(self, rows: list[list[int]], *, clean_up_tokenization_spaces: bool) -> Records:
        texts = self.tokenizer.batch_decode(
            rows, skip_special_tokens=True, clean_up_tokenization_spaces=clean_up_tokenization_spaces
        )
        return [{f"{self.return_name}_text": one} for one in texts]

    def _default_batch_size(self, options: dict[str, Any]) -> int:
        generate = {name: value for name, value in options.items() if name not in _ENCODE and name not in _RESULT}
        return num_prompts(self, generate, super()._default_batch_size(options))

    def _window_size(self, _options: dict[str, Any], batch_size: int) -> int:
        return batch_size

    def _run(self, inputs: Sequence[Any], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        results: list[Records] = []
        for start in range(0, len(inputs), batch_size):
            results += self._generate(inputs[start : start + batch_size], options)
        return results

    def _generate(self, inputs: Sequence[Any], options: dict[str, Any]) -> Iterator[Records]:
        generate = {name: value for name, value in options.items() if name not in _ENCODE and name not in _RESULT}
        encoded = [self._encoded(one, None, options) for one in inputs]
        # The same for all texts, as in `_forward`.
        added = {name: value for name, value in encoded[0].items() if name not in {"input_ids", "attention_mask"}}
        rows = [one["input_ids"] for one in encoded]
        for row in rows:
            self._check_lengths(len(row), generate)
        ids, mask = (
            _padded(lists, padding)
            for lists, padding in (
                (rows, self.tokenizer.pad_token_id or 0),
                ([one.get("attention_mask", [1] * len(one["input_ids"])) for one in encoded], 0),
            )
        )
        kwargs = {**added, **self._settings(generate)}
        given: tuple[Any, Any] = (ids, mask)
        if any(kwargs.get(name) for name in _CALLED):
            # What a script gives to `generate` gets tensors, as from the steps.
            given = (as_tensor("inputs", ids, tensor_type()), as_tensor("inputs", mask, tensor_type()))
        output = run_generate(self, given[0], attention_mask=given[1], **kwargs)
        sequences = np.ascontiguousarray(
            as_array(output["sequences"] if isinstance(output, ModelOutput) else output), np.int64
        )
        count = len(sequences) // len(rows)
        starts = [sequences[index * count, :1].tolist() for index in range(len(rows))]
        has_criteria = bool(kwargs.get("stopping_criteria"))
        for own in stated_settings(self.model, kwargs).rows_as_alone(sequences, starts, has_criteria):
            if options.get("return_type") is ReturnType.TENSORS:
                name = f"{self.return_name}_token_ids"
                yield [{name: as_tensor(name, np.array(one, np.int64), tensor_type())} for one in own]
            else:
                cleans = options.get("clean_up_tokenization_spaces", False)
                yield self._texts(own, clean_up_tokenization_spaces=cleans)


class SummarizationPipeline(Text2TextGenerationPipeline):
    """Summarizes texts, with an encoder-decoder; see `Text2TextGenerationPipeline`."""

    task = "summarization"
    return_name = "summary"

    def check_inputs(self, input_length: int, min_length: int, max_length: int) -> None:
        """Warns if `max_length` is below `min_length`, or not below the length of an input."""
        if max_length < min_length:
            logger.warning("min_length: expected at most max_length = %d, found %d", max_length, min_length)
        if input_length < max_length:
            logger.warning(
                "max_length: %d is more than the %d tokens of the input, and summaries are shorter; pass for example "
                "max_length=%d",
                max_length,
                input_length,
                input_length // 2,
            )


class TranslationPipeline(Text2TextGenerationPipeline):
    """Translates texts, with an encoder-decoder; see `Text2TextGenerationPipeline`.

    Its task is "translation" or names the languages, as in "translation_en_to_fr".
    """

    task = "translation"
    return_name = "translation"

    @classmethod
    def _takes_task(cls, task: str) -> bool:
        return super()._takes_task(task) or task.startswith("translation_")

    def check_inputs(self, input_length: int, min_length: int, max_length: int) -> bool:
        """Warns if an input is longer than nine tenths of `max_length`."""
        del min_length
        if input_length > 0.9 * max_length:
            logger.warning(
                "max_length: %d is close to the %d tokens of the input, and translations are about as long; pass for "
                "example max_length=400",
                max_length,
                input_length,
            )
        return True

    def _sanitize_parameters(self, **kwargs: Any) -> Parameters:
        """The arguments of `preprocess`, `_forward` and `postprocess`; the task may name the languages."""
        task = str(kwargs.pop("task", self.task))
        encode, generate, result = super()._sanitize_parameters(**kwargs)
        names = task.split("_")
        if "src_lang" not in encode and "tgt_lang" not in encode and len(names) == len(("translation", "a", "to", "b")):
            encode |= {"src_lang": names[1], "tgt_lang": names[3]}
        return encode, generate, result

    def preprocess(
        self, inputs: Any, truncation: Any = False, src_lang: str | None = None, tgt_lang: str | None = None
    ) -> Any:
        """Encodes a text.

        Parameters
        ----------
        inputs
            A text.
        truncation, src_lang, tgt_lang
            As for a call.
        """
        options = {"truncation": truncation, "src_lang": src_lang, "tgt_lang": tgt_lang}
        return self._encoded(inputs, tensor_type(), options)

    def _encoded(self, inputs: str, return_tensors: str | None, options: Mapping[str, Any]) -> Any:
        build = getattr(self.tokenizer, "_build_translation_inputs", None)
        if build is None:
            return super()._encoded(inputs, return_tensors, options)
        if not isinstance(inputs, str):
            raise InputError(f"inputs: expected a text or several, found {kind(inputs)}")
        return native_call(
            build,
            inputs,
            return_tensors=return_tensors,
            truncation=options.get("truncation", False),
            src_lang=options.get("src_lang"),
            tgt_lang=options.get("tgt_lang"),
        )


def _padded(rows: list[list[int]], padding: int) -> NDArray[np.int64]:
    """Rows of token ids or of a mask, padded on the right."""
    width = max(map(len, rows))
    return np.array([row + [padding] * (width - len(row)) for row in rows], np.int64).reshape(len(rows), width)
