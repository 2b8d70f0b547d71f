"""`pipeline()`."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypedDict, TypeVar, overload

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers._checks.loading import DtypeObject, load_options
from trustformers._checks.loading import LoadOptions as LoadOptionsOfModel
from trustformers._checks.pretrained import mapped_device
from trustformers.errors import InputError, TrustformersError, UnsupportedError
from trustformers.models.auto_config import AutoConfig, read_config
from trustformers.models.base import PreTrainedModel
from trustformers.models.configuration import PreTrainedConfig, heads_of
from trustformers.models.loading import config_overrides
from trustformers.peft.auto import resize_for, tokenizer_of
from trustformers.peft.files import adapter_base
from trustformers.peft.model import PeftModel
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
from trustformers.pipelines.tasks import SUPPORTED_TASKS, TASK_ALIASES, check_task, get_default_model_and_revision
from trustformers.pipelines.text2text_generation import (
    SummarizationPipeline,
    Text2TextGenerationPipeline,
    TranslationPipeline,
)
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
from trustformers.utils.hub_files import CONFIG_NAME, has_file

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["find_task", "get_task", "pipeline"]

logger: logging.Logger = logging.getLogger("trustformers")


# The task of a model, by the suffix of its class's name.
_TASK_OF_HEAD = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForMaskedLM": "fill-mask",
    "ForQuestionAnswering": "question-answering",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForConditionalGeneration": "text2text-generation",
    "MTModel": "text2text-generation",
}

# Tasks of the heads that generate.
_GENERATING = {"causal_lm": "text-generation", "seq2seq_lm": "text2text-generation, summarization, translation"}

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
_QUANTIZE = ("load_in_8bit", "load_in_4bit", "quantization_config")
_WITHOUT_EFFECT = ("trust_remote_code", "use_fast", "framework")
_UNSUPPORTED = (
    "feature_extractor",
    "image_processor",
    "video_processor",
    "processor",
)


class LoadOptions(TypedDict, total=False):
    """Arguments that load a model."""

    device: int | str | Device | None
    device_map: str | int | Device | Mapping[str, Any] | None
    dtype: str | type[Any] | DtypeObject | None
    torch_dtype: str | type[Any] | DtypeObject | None
    model_kwargs: Mapping[str, Any] | None
    revision: str | None
    token: str | None
    cache_dir: str | os.PathLike[str] | None
    local_files_only: bool
    trust_remote_code: bool | None
    use_fast: bool
    binary_output: bool


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


OwnPipeline = TypeVar("OwnPipeline", bound=Pipeline)
Model = str | os.PathLike[str] | PreTrainedModel | None
Config = str | os.PathLike[str] | PreTrainedConfig | None
Tokenizer = str | os.PathLike[str] | PreTrainedTokenizerFast | tuple[str | os.PathLike[str], Mapping[str, Any]] | None


@overload
def pipeline(
    task: str | None = ...,
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    *,
    pipeline_class: type[OwnPipeline],
    **options: Any,
) -> OwnPipeline: ...
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
    task: Literal["text2text-generation"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Any,
) -> Text2TextGenerationPipeline: ...
@overload
def pipeline(
    task: Literal["summarization"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Any,
) -> SummarizationPipeline: ...
@overload
def pipeline(
    task: Literal["translation", "translation_en_to_fr", "translation_en_to_de", "translation_en_to_ro"],
    model: Model = ...,
    config: Config = ...,
    tokenizer: Tokenizer = ...,
    **options: Any,
) -> TranslationPipeline: ...
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
    *,
    pipeline_class: type[Pipeline] | None = None,
    **options: Any,
) -> Any:
    """Creates a pipeline for a task.

    Parameters
    ----------
    task
        "feature-extraction", "fill-mask", "question-answering", "sentence-similarity", "summarization",
        "text-classification" (or "sentiment-analysis"), "text-generation", "text-ranking", "text2text-generation",
        "token-classification" (or "ner"), "translation" (or one that names the languages, such as
        "translation_en_to_fr") or "zero-shot-classification", or one that `PIPELINE_REGISTRY.register_pipeline` has
        added; by default the task of the model's class.
    model
        A directory, a hub repository, or a loaded model; by default the task's default model in transformers. Of an
        adapter's directory or repository, the base model that it names is loaded, and the adapter added to it.
    config
        A configuration, or its directory or hub repository; its keys override those of the model's `config.json`.
    tokenizer
        A directory, a hub repository, or a loaded tokenizer; by default the model's. A pair of a directory or a
        repository and a mapping gives arguments of the tokenizer's `from_pretrained` too.
    pipeline_class
        A subclass of `Pipeline`, in place of the task's class.
    device
        As for `from_pretrained`; a loaded model is moved.
    device_map, dtype, torch_dtype
        As for `from_pretrained`; without effect on a loaded model.
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
    options["binary_output"] = load.pop("binary_output", False)
    if config is not None and not isinstance(config, (str, os.PathLike, PreTrainedConfig)):
        raise InputError(f"config: expected a configuration or where to read it, found {kind(config)}")
    model = model.get_base_model() if isinstance(model, PeftModel) else model
    is_loaded = isinstance(model, PreTrainedModel)
    given = _with_model_kwargs(load, is_loaded=is_loaded)
    hub: dict[str, Any] = {name: given.pop(name, default) for name, default in _HUB.items()}
    if model is None and (task is None or tokenizer is not None):
        missing = "a task or a model" if task is None else "the model that the tokenizer belongs to"
        raise InputError(f"model: pass {missing}")
    adapter = None if model is None or is_loaded else _adapter_of(_path(model), given, hub)
    if adapter is not None:
        model, hub = adapter.base, {**hub, "revision": None}
        tokenizer = tokenizer or tokenizer_of(adapter.source, **adapter.place)
    if task is None:
        task = _task_of(model, hub)
    chosen = find_task(task, pipeline_class)
    if model is None:
        model = _default(task, chosen, hub)
    if isinstance(model, PreTrainedModel):
        model = _moved(model, given, config)
    else:
        model = _adapted(_load(chosen, model, config, tokenizer, given=given, hub=hub), adapter, tokenizer)
    if chosen.pipeline_class._load_tokenizer is not False:
        tokenizer = _tokenizer(chosen, model, tokenizer, hub)
    if tokenizer is not None:
        options["tokenizer"] = tokenizer
    return chosen.pipeline_class(model=model, task=_with_languages(task, model), **options)


class _Adapter(NamedTuple):
    """An adapter, the options of the hub for its files, and its base model."""

    source: str
    place: dict[str, Any]
    base: str


def _adapter_of(name: str, given: dict[str, Any], hub: Mapping[str, Any]) -> _Adapter | None:
    """The adapter of a directory or a repository; None if it is a model."""
    place = {**hub, "subfolder": given.get("subfolder") or ""}
    if not os.path.isdir(name):
        try:
            has_config = has_file(name, CONFIG_NAME, **place)
        except TrustformersError:
            # Loading the model says why.
            return None
        if has_config or given.get("gguf_file") is not None:
            return None
    base = adapter_base(name, **place)
    if base is None:
        return None
    given.pop("subfolder", None)
    return _Adapter(name, place, base)


def _adapted(model: PreTrainedModel, adapter: _Adapter | None, tokenizer: Tokenizer) -> PreTrainedModel:
    """The model with the adapter, if there is one."""
    if adapter is not None:
        resize_for(model, tokenizer if isinstance(tokenizer, PreTrainedTokenizerFast) else None)
        model.load_adapter(adapter.source, adapter_kwargs=adapter.place)
    return model


class _Task(NamedTuple):
    pipeline_class: type[Pipeline]
    loaders: tuple[type[PreTrainedModel], ...]
    # The task's dict in the registry.
    entry: dict[str, Any]
    # The languages of a translation.
    options: Any = None


def _with_languages(task: str, model: PreTrainedModel) -> str:
    """A task; for "translation" the first one that a model has parameters of, if it has any."""
    if task != "translation":
        return task
    parameters = getattr(model.config, "task_specific_params", None) or {}
    for name in parameters:
        if name.startswith("translation"):
            logger.warning(
                "task: translation does not name languages; using %s, which the model has parameters of", name
            )
            return str(name)
    return task


class _UnknownTask(UnsupportedError, KeyError):
    """A task that has no pipeline; transformers raises a `KeyError`."""

    def __str__(self) -> str:
        return Exception.__str__(self)


def find_task(task: object, pipeline_class: type[Pipeline] | None = None) -> _Task:
    """The class of a task's pipelines, and the classes that load their models.

    Raises
    ------
    UnsupportedError
        There is no such task.
    """
    try:
        _, entry, languages = check_task(str(task))
    except KeyError:
        if pipeline_class is None:
            names = ", ".join([*SUPPORTED_TASKS, *TASK_ALIASES])
            raise _UnknownTask(f"not supported: the task {task!r}; expected one of: {names}") from None
        entry, languages = {"impl": pipeline_class, "pt": ()}, None
    return _Task(pipeline_class or entry["impl"], entry["pt"], entry, languages)


def _tokenizer(task: _Task, model: PreTrainedModel, tokenizer: Tokenizer, hub: Mapping[str, Any]) -> Any:
    if isinstance(tokenizer, PreTrainedTokenizerFast):
        return tokenizer
    options: Mapping[str, Any] = {}
    if isinstance(tokenizer, tuple):
        tokenizer, options = tokenizer
    source = model._directory if tokenizer is None else tokenizer
    is_needed = tokenizer is not None or task.pipeline_class._load_tokenizer
    if not source:
        if not is_needed:
            return None
        raise InputError("tokenizer: missing; the model was made from a configuration and has no directory")
    # A GGUF file holds both.
    gguf: dict[str, Any] = {"gguf_file": Path(source).name} if Path(source).is_file() else {}
    try:
        return AutoTokenizer.from_pretrained(Path(source).parent if gguf else source, **gguf, **hub, **options)
    except TrustformersError:
        if is_needed:
            raise
        return None


def get_task(model: Model, token: str | None = None) -> str:
    """The task of a model's class.

    Parameters
    ----------
    model
        A directory, a hub repository or a loaded model.
    token
        As in `huggingface_hub`.

    Raises
    ------
    InputError
        The class has no head of a task.
    """
    return _task_of(model, {"token": token})


def _task_of(model: Model, hub: Mapping[str, Any]) -> str:
    config = model.config if isinstance(model, PreTrainedModel) else AutoConfig.from_pretrained(_path(model), **hub)
    names = [type(model).__name__] if isinstance(model, PreTrainedModel) else config.architectures or []
    for name in names:
        for suffix, task in _TASK_OF_HEAD.items():
            if name.endswith(suffix):
                return task
    raise InputError(
        f"task: missing, and the model's class {names} does not say which; pass one of {', '.join(SUPPORTED_TASKS)}"
    )


def _default(name: str, task: _Task, hub: dict[str, Any]) -> str:
    if "default" not in task.entry:
        raise UnsupportedError(f"not supported: a default model for {name!r}; pass model=")
    model, revision = get_default_model_and_revision(task.entry, task.options)
    hub["revision"] = hub["revision"] or revision
    logger.warning(
        "no model was given for %s; using %s at revision %s", task.pipeline_class.task or name, model, hub["revision"]
    )
    # Raises for an unsupported family before its weights are downloaded.
    AutoConfig.from_pretrained(model, **hub)
    return model


def _load(
    task: _Task,
    model: Model,
    config: Config,
    tokenizer: Tokenizer,
    *,
    given: dict[str, Any],
    hub: Mapping[str, Any],
) -> PreTrainedModel:
    name = _path(model)
    device = mapped_device(given.pop("device", None), given.pop("device_map", None))
    options = load_options(device=device, **{key: given.pop(key) for key in _LOAD if key in given})
    ignores = bool(given.pop("ignore_mismatched_sizes", False))
    if config is not None and not isinstance(config, PreTrainedConfig):
        loaded: PreTrainedConfig = AutoConfig.from_pretrained(config, **hub)
        config = loaded
    files = {
        "gguf_file": options.gguf_file,
        "subfolder": given.pop("subfolder", None),
        "variant": options.variant,
        "use_safetensors": options.use_safetensors,
    }
    directory = os.fspath(_native.resolve(name, "model" if tokenizer else "pipeline", **files, **hub))

    def load(loader: type[PreTrainedModel]) -> PreTrainedModel:
        loader, folder = task.pipeline_class._source(loader, directory)
        overrides = config_overrides(name, folder, config, given)
        return _with_head(loader, name, folder, options, overrides=overrides, ignore_mismatched_sizes=ignores)

    *others, last = task.loaders or _named_classes(name, directory)
    for loader in others:
        try:
            return load(loader)
        except (TrustformersError, TypeError):
            # As in transformers, the next class is tried.
            continue
    return load(last)


def _named_classes(name: str, directory: str) -> tuple[type[PreTrainedModel], ...]:
    """The classes that `config.json` names."""
    families = import_module("trustformers.models.families")
    names = read_config(name, directory).architectures or []
    classes = tuple(found for found in (getattr(families, one, None) for one in names) if found is not None)
    if not classes:
        raise InputError(f"model: {name}: config.json names no class of a model; register the task with pt_model=")
    return classes


def _with_head(
    loader: type[PreTrainedModel], name: str, directory: str, options: LoadOptionsOfModel, **given: Any
) -> PreTrainedModel:
    try:
        return loader._load(name, directory, options, **given)
    except UnsupportedError as error:
        names = names_with(loader.base_head)
        model_type = read_config(name, directory).model_type
        heads = heads_of(model_type)
        if not heads or loader.base_head in heads:
            raise
        tasks = [tasks for head, tasks in _GENERATING.items() if head in heads]
        if loader.base_head in _GENERATING and tasks:
            raise UnsupportedError(f"{error}. Its tasks: {', '.join(tasks)}") from None
        raise UnsupportedError(f"{error}. The classes with such a head are {', '.join(names)}") from None


def _path(model: object) -> str:
    if not isinstance(model, (str, os.PathLike)):
        raise InputError(f"model: expected a path, a repository's name or a loaded model, found {kind(model)}")
    return os.fspath(model)


def _moved(model: PreTrainedModel, given: Mapping[str, Any], config: Config) -> PreTrainedModel:
    """A loaded model on the device that a call requests."""
    if config is not None:
        raise InputError("config: the model is loaded already")
    options = load_options(
        device=mapped_device(given.get("device"), given.get("device_map")),
        dtype=given.get("dtype"),
        torch_dtype=given.get("torch_dtype"),
    )
    if options.dtype not in ("auto", model._native.dtype):
        # As in transformers.
        logger.warning(
            "dtype: %s has no effect, for the model is loaded already and computes in %s",
            options.dtype,
            model._native.dtype,
        )
    return model if options.device == "auto" else model.to(Device(options.device))


def _with_model_kwargs(load: Mapping[str, Any], *, is_loaded: bool) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in load.items() if name != "model_kwargs"}
    model_kwargs = load.get("model_kwargs") or {}
    if not isinstance(model_kwargs, Mapping):
        raise InputError(f"model_kwargs: expected a mapping, found {kind(model_kwargs)}")
    if model_kwargs and is_loaded:
        if quantizes := [name for name in _QUANTIZE if model_kwargs.get(name)]:
            raise InputError(f"model_kwargs: {quantizes[0]}: the model is loaded already; pass it to from_pretrained")
        # As in transformers.
        logger.warning("model_kwargs: %s have no effect, for the model is loaded already", ", ".join(model_kwargs))
        return given
    if duplicates := [str(name) for name in model_kwargs if name in given]:
        raise InputError(f"model_kwargs: {', '.join(duplicates)} is also an argument of its own; pass it once")
    return {**given, **model_kwargs}
