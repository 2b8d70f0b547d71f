"""`pipeline()`."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict, overload

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers._checks.loading import DtypeObject, load_options
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.auto import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)
from trustformers.models.base import PreTrainedModel, config_overrides, mapped_device
from trustformers.models.configuration import AutoConfig, PreTrainedConfig, read_config
from trustformers.pipelines.arguments import CallOptions
from trustformers.pipelines.base import Pipeline, names_with
from trustformers.pipelines.classification import (
    TextClassificationOptions,
    TextClassificationPipeline,
    ZeroShotClassificationOptions,
    ZeroShotClassificationPipeline,
)
from trustformers.pipelines.fill_mask import FillMaskOptions, FillMaskPipeline
from trustformers.pipelines.question_answering import QuestionAnsweringOptions, QuestionAnsweringPipeline
from trustformers.pipelines.ranking import RankingOptions, TextRankingPipeline
from trustformers.pipelines.text_generation import TextGenerationPipeline
from trustformers.pipelines.token_classification import TokenClassificationOptions, TokenClassificationPipeline
from trustformers.pipelines.vectors import (
    EmbedDefaults,
    FeatureExtractionOptions,
    FeatureExtractionPipeline,
    SentenceSimilarityPipeline,
)
from trustformers.runtime.device import Device
from trustformers.tokenizers.auto import AutoTokenizer
from trustformers.tokenizers.fast import PreTrainedTokenizerFast

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["pipeline"]

logger: logging.Logger = logging.getLogger("trustformers")


class _Task(NamedTuple):
    pipeline_class: type[Pipeline]
    loader: type[PreTrainedModel]
    # The default model of transformers and its revision.
    default: tuple[str, str] | None


_TASKS = {
    task.pipeline_class.task: task
    for task in (
        _Task(FeatureExtractionPipeline, AutoModel, ("distilbert/distilbert-base-cased", "6ea8117")),
        _Task(
            TextClassificationPipeline,
            AutoModelForSequenceClassification,
            ("distilbert/distilbert-base-uncased-finetuned-sst-2-english", "714eb0f"),
        ),
        _Task(
            TokenClassificationPipeline,
            AutoModelForTokenClassification,
            ("dbmdz/bert-large-cased-finetuned-conll03-english", "4c53496"),
        ),
        _Task(FillMaskPipeline, AutoModelForMaskedLM, ("distilbert/distilroberta-base", "fb53ab8")),
        _Task(
            QuestionAnsweringPipeline,
            AutoModelForQuestionAnswering,
            ("distilbert/distilbert-base-cased-distilled-squad", "564e9b5"),
        ),
        _Task(
            ZeroShotClassificationPipeline, AutoModelForSequenceClassification, ("facebook/bart-large-mnli", "d7645e1")
        ),
        _Task(SentenceSimilarityPipeline, AutoModel, None),
        _Task(TextGenerationPipeline, AutoModelForCausalLM, ("HuggingFaceTB/SmolLM3-3B", "a07cc9a")),
        _Task(TextRankingPipeline, AutoModelForSequenceClassification, None),
    )
}
_ALIASES = {"sentiment-analysis": "text-classification", "ner": "token-classification"}
# The task of a model, by the suffix of its class's name.
_TASK_OF_HEAD = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForMaskedLM": "fill-mask",
    "ForQuestionAnswering": "question-answering",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
}

_HUB = {"revision": None, "token": None, "cache_dir": None, "local_files_only": False}
_LOAD = (
    "device",
    "dtype",
    "torch_dtype",
    "load_in_8bit",
    "load_in_4bit",
    "quantization_config",
    "gguf_file",
    "strict_config",
    "variant",
    "use_safetensors",
)
_WITHOUT_EFFECT = ("trust_remote_code", "use_fast", "framework")
_UNSUPPORTED = (
    "feature_extractor",
    "image_processor",
    "video_processor",
    "processor",
    "pipeline_class",
    "binary_output",
)


class LoadOptions(TypedDict, total=False):
    """Arguments that load a model."""

    device: int | str | Device | None
    device_map: str | None
    dtype: str | type[Any] | DtypeObject | None
    torch_dtype: str | type[Any] | DtypeObject | None
    model_kwargs: Mapping[str, Any] | None
    revision: str | None
    token: str | None
    cache_dir: str | os.PathLike[str] | None
    local_files_only: bool
    trust_remote_code: bool | None
    use_fast: bool


class _Features(LoadOptions, FeatureExtractionOptions, total=False): ...


class _Texts(LoadOptions, TextClassificationOptions, total=False): ...


class _Tokens(LoadOptions, TokenClassificationOptions, total=False): ...


class _Masks(LoadOptions, FillMaskOptions, total=False): ...


class _Questions(LoadOptions, QuestionAnsweringOptions, total=False): ...


class _AnyLabels(LoadOptions, ZeroShotClassificationOptions, total=False):
    candidate_labels: str | list[str]


class _Similarity(LoadOptions, CallOptions, EmbedDefaults, total=False): ...


class _Ranking(LoadOptions, CallOptions, RankingOptions, total=False): ...


class _Any(_Features, _Texts, _Tokens, _Masks, _Questions, _AnyLabels, total=False): ...


Model = str | os.PathLike[str] | PreTrainedModel | None
Config = str | os.PathLike[str] | PreTrainedConfig | None
Tokenizer = str | os.PathLike[str] | PreTrainedTokenizerFast | None


@overload
def pipeline(
    task: Literal["feature-extraction"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Unpack[_Features],
) -> FeatureExtractionPipeline: ...
@overload
def pipeline(
    task: Literal["text-classification", "sentiment-analysis"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Unpack[_Texts],
) -> TextClassificationPipeline: ...
@overload
def pipeline(
    task: Literal["token-classification", "ner"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Unpack[_Tokens],
) -> TokenClassificationPipeline: ...
@overload
def pipeline(
    task: Literal["fill-mask"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Unpack[_Masks],
) -> FillMaskPipeline: ...
@overload
def pipeline(
    task: Literal["question-answering"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Unpack[_Questions],
) -> QuestionAnsweringPipeline: ...
@overload
def pipeline(
    task: Literal["zero-shot-classification"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Unpack[_AnyLabels],
) -> ZeroShotClassificationPipeline: ...
@overload
def pipeline(
    task: Literal["sentence-similarity"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Unpack[_Similarity],
) -> SentenceSimilarityPipeline: ...
@overload
def pipeline(
    task: Literal["text-ranking"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Unpack[_Ranking],
) -> TextRankingPipeline: ...
@overload
def pipeline(
    task: Literal["text-generation"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Any,
) -> TextGenerationPipeline: ...
@overload
def pipeline(
    task: str | None = ...,
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Unpack[_Any],
) -> Any: ...
def pipeline(
    task: str | None = None,
    model: Model = None,
    config: Config = None,
    tokenizer: Tokenizer = None,
    **options: Any,
) -> Any:
    """Creates a pipeline for a task.

    Parameters
    ----------
    task
        "feature-extraction", "fill-mask", "question-answering", "sentence-similarity", "text-classification" (or
        "sentiment-analysis"), "text-generation", "text-ranking", "token-classification" (or "ner") or
        "zero-shot-classification"; by default the task of the model's class.
    model
        A directory, a hub repository, or a loaded model; by default the task's default model in transformers.
    config
        A configuration, or its directory or hub repository; its keys override those of the model's `config.json`.
    tokenizer
        A directory, a hub repository, or a loaded tokenizer; by default the model's.
    device
        As for `from_pretrained`.
    device_map, dtype, torch_dtype
        As for `from_pretrained`.
    model_kwargs
        More arguments of `from_pretrained`, such as `{"load_in_8bit": True}`, or `{"gguf_file": "model-Q8_0.gguf"}`,
        which is read for the tokenizer too.
    revision, token, cache_dir, local_files_only
        Options of the hub, as in `huggingface_hub`.
    trust_remote_code, use_fast
        Without effect.
    **options
        Default arguments of calls, such as `batch_size` or `top_k`.

    Raises
    ------
    InputError
        An argument is given twice, an argument for loading is given with a loaded model, or the model does not have the
        head of the task.
    UnsupportedError
        The task is not supported or has no default model.

    Examples
    --------
    >>> from trustformers import pipeline
    >>> similarity = pipeline("sentence-similarity", path, dtype="bfloat16", model_kwargs={"load_in_8bit": True})
    >>> similarity.model.quantization_method
    'int8'
    """
    load = {name: options.pop(name) for name in [*options] if name in LoadOptions.__annotations__}
    for name in _WITHOUT_EFFECT:
        load.pop(name, None)
        options.pop(name, None)
    for name in _UNSUPPORTED:
        if options.pop(name, None):
            raise UnsupportedError(f"not supported: {name} of a pipeline")
    if config is not None and not isinstance(config, (str, os.PathLike, PreTrainedConfig)):
        raise InputError(f"config: expected a configuration or where to read it, found {kind(config)}")
    is_loaded = isinstance(model, PreTrainedModel)
    given = _with_model_kwargs(load, is_loaded=is_loaded)
    hub: dict[str, Any] = {name: given.pop(name, default) for name, default in _HUB.items()}
    if model is None and (task is None or tokenizer is not None):
        missing = "a task or a model" if task is None else "the model that the tokenizer belongs to"
        raise InputError(f"model: pass {missing}")
    if task is None:
        task = _task_of(model, hub)
    chosen = _TASKS.get(_ALIASES.get(task, task)) if isinstance(task, str) else None
    if chosen is None:
        raise UnsupportedError(f"not supported: the task {task!r}; expected one of: {', '.join([*_TASKS, *_ALIASES])}")
    if model is None:
        model = _default(chosen, hub)
    if isinstance(model, PreTrainedModel):
        _check_loaded(model, given, config)
    else:
        model, tokenizer = _load(chosen, model, config, tokenizer, given=given, hub=hub)
    if not isinstance(tokenizer, PreTrainedTokenizerFast):
        source = model._directory if tokenizer is None else tokenizer
        if not source:
            raise InputError("tokenizer: missing; the model was made from a configuration and has no directory")
        # A GGUF file holds both.
        gguf: dict[str, Any] = {"gguf_file": Path(source).name} if Path(source).is_file() else {}
        tokenizer = AutoTokenizer.from_pretrained(Path(source).parent if gguf else source, **gguf, **hub)
    return chosen.pipeline_class(model, tokenizer, **options)


def _task_of(model: Model, hub: Mapping[str, Any]) -> str:
    config = model.config if isinstance(model, PreTrainedModel) else AutoConfig.from_pretrained(_path(model), **hub)
    names = [type(model).__name__] if isinstance(model, PreTrainedModel) else config.architectures or []
    for name in names:
        for suffix, task in _TASK_OF_HEAD.items():
            if name.endswith(suffix):
                return task
    raise InputError(
        f"task: missing, and the model's class {names} does not say which; pass one of {', '.join(_TASKS)}"
    )


def _default(task: _Task, hub: dict[str, Any]) -> str:
    if task.default is None:
        raise UnsupportedError(f"not supported: a default model for {task.pipeline_class.task!r}; pass model=")
    name, revision = task.default
    hub["revision"] = hub["revision"] or revision
    logger.warning(
        "no model was given for %s; using %s at revision %s", task.pipeline_class.task, name, hub["revision"]
    )
    # Raises for an unsupported family before its weights are downloaded.
    AutoConfig.from_pretrained(name, **hub)
    return name


def _load(
    task: _Task,
    model: Model,
    config: Config,
    tokenizer: Tokenizer,
    *,
    given: dict[str, Any],
    hub: Mapping[str, Any],
) -> tuple[PreTrainedModel, Tokenizer]:
    name = _path(model)
    device = mapped_device(given.pop("device", None), given.pop("device_map", None))
    options = load_options(device=device, **{key: given.pop(key) for key in _LOAD if key in given})
    ignores = bool(given.pop("ignore_mismatched_sizes", False))
    if config is not None and not isinstance(config, PreTrainedConfig):
        config = AutoConfig.from_pretrained(config, **hub)
    files = {
        "gguf_file": options.gguf_file,
        "subfolder": given.pop("subfolder", None),
        "variant": options.variant,
        "use_safetensors": options.use_safetensors,
    }
    directory = os.fspath(_native.resolve(name, "model" if tokenizer else "pipeline", **files, **hub))
    loader, directory = task.pipeline_class._source(task.loader, directory)
    overrides = config_overrides(name, directory, config, given)
    try:
        loaded = loader._load(name, directory, options, overrides=overrides, ignore_mismatched_sizes=ignores)
    except UnsupportedError as error:
        names = names_with(loader.base_head)
        model_type = read_config(name, directory).model_type
        if any(known == model_type and loader.base_head not in heads for known, *_, heads in _native.families()):
            raise UnsupportedError(f"{error}. The classes with such a head are {', '.join(names)}") from None
        raise
    return loaded, tokenizer or directory


def _path(model: object) -> str:
    if not isinstance(model, (str, os.PathLike)):
        raise InputError(f"model: expected a path, a repository's name or a loaded model, found {kind(model)}")
    return os.fspath(model)


def _check_loaded(model: PreTrainedModel, given: Mapping[str, Any], config: Config) -> None:
    if config is not None:
        raise InputError("config: the model is loaded already")
    options = load_options(
        device=mapped_device(given.get("device"), given.get("device_map")),
        dtype=given.get("dtype"),
        torch_dtype=given.get("torch_dtype"),
    )
    if options.device != "auto" and Device(options.device) != model.device:
        raise InputError(f"device: {options.device} was requested, but the loaded model is on {model.device}")
    if options.dtype not in ("auto", model._native.dtype):
        found = model._native.dtype
        raise InputError(f"dtype: {options.dtype} was requested, but the loaded model computes in {found}")


def _with_model_kwargs(load: Mapping[str, Any], *, is_loaded: bool) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in load.items() if name != "model_kwargs"}
    model_kwargs = load.get("model_kwargs") or {}
    if not isinstance(model_kwargs, Mapping):
        raise InputError(f"model_kwargs: expected a mapping, found {kind(model_kwargs)}")
    if model_kwargs and is_loaded:
        raise InputError("model_kwargs: the model is loaded already; pass them to from_pretrained")
    if duplicates := [str(name) for name in model_kwargs if name in given]:
        raise InputError(f"model_kwargs: {', '.join(duplicates)} is also an argument of its own; pass it once")
    return {**given, **model_kwargs}
