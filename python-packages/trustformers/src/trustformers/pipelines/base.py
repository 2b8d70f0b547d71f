"""The base of pipelines: options, batching and streams."""

from __future__ import annotations

import importlib
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from trustformers import _native
from trustformers._checks.arguments import half_surrogate, kind
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.base import PreTrainedModel as PreTrainedModel  # noqa: PLC0414
from trustformers.peft.model import PeftModel
from trustformers.pipelines.arguments import positive
from trustformers.pipelines.batches import no_collate_fn, pad_collate_fn
from trustformers.pipelines.data_formats import (
    CsvPipelineDataFormat,
    JsonPipelineDataFormat,
    PipedPipelineDataFormat,
    PipelineDataFormat,
)
from trustformers.pipelines.datasets import (
    KeyDataset,
    PipelineChunkIterator,
    PipelineDataset,
    PipelineIterator,
    PipelinePackIterator,
    Results,
    is_dataset,
    items,
)
from trustformers.pipelines.docstrings import PIPELINE_INIT_ARGS, build_pipeline_init_args
from trustformers.pipelines.registry import PipelineRegistry
from trustformers.pipelines.steps import STEPS, ChunkSteps, Parameters, Steps, as_chats
from trustformers.runtime.device import Device
from trustformers.tokenizers.fast import PreTrainedTokenizerFast
from trustformers.utils.logging import is_progress_bar_enabled

if TYPE_CHECKING:
    from trustformers._views.pipelines_base import *  # noqa: F403

__all__ = [
    "PIPELINE_INIT_ARGS",
    "ArgumentHandler",
    "ChunkPipeline",
    "CsvPipelineDataFormat",
    "GenericTensor",
    "JsonPipelineDataFormat",
    "KeyDataset",
    "PipedPipelineDataFormat",
    "Pipeline",
    "PipelineChunkIterator",
    "PipelineDataFormat",
    "PipelineDataset",
    "PipelineException",
    "PipelineIterator",
    "PipelinePackIterator",
    "PipelineRegistry",
    "build_pipeline_init_args",
    "no_collate_fn",
    "pad_collate_fn",
]

logger: logging.Logger = logging.getLogger("trustformers")

GenericTensor: TypeAlias = Any

# The number of inputs of a list that are sorted by length before they are batched.
_WINDOW = 1024
_WITHOUT_EFFECT = ("args_parser", "dtype", "framework", "modelcard", "torch_dtype")
_PROCESSORS = ("feature_extractor", "image_processor", "video_processor", "processor")


class PipelineException(InputError):
    """An input that a pipeline cannot use.

    Parameters
    ----------
    task
        The task of the pipeline.
    model
        The name of the model.
    reason
        The message.
    """

    def __init__(self, task: str, model: str, reason: str) -> None:
        super().__init__(reason)
        self.task = task
        self.model = model

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.task, self.model, *self.args)


class ArgumentHandler(ABC):
    """Base of objects that turn the arguments of a pipeline's call into its inputs."""

    @abstractmethod
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The inputs."""


class Pipeline(Steps):
    """Base of all pipelines: a model and a tokenizer for a task.

    A class of one's own implements the steps: `_sanitize_parameters`, `preprocess`, `_forward` and `postprocess`. The
    classes for tasks compute all steps of a call at once in the engine, with the same results, unless a subclass, the
    tokenizer or the model overrides one of them.

    Parameters
    ----------
    model, tokenizer
        A loaded model and tokenizer.
    feature_extractor, image_processor, video_processor, processor
        Only for classes of one's own.
    task
        The task's name; if given, it must be the class's own.
    batch_size
        The number of texts per batch; results do not depend on it.
    device
        The device that the model is moved to: a name, a number as in `Device`, a `Device` or a `torch.device`.
    num_workers
        Without effect: the engine has its own threads.
    binary_output
        An attribute, without effect.
    **options
        Default arguments of calls.

    Attributes
    ----------
    task
        The task's name.
    framework
        "pt", as in transformers.
    call_count
        The number of calls.
    """

    task: str = ""
    framework: str = "pt"
    default_input_names: ClassVar[str | None] = None
    # Other names of the task.
    _aliases: ClassVar[tuple[str, ...]] = ()

    _load_tokenizer: ClassVar[bool | None] = None
    _load_feature_extractor: ClassVar[bool | None] = None
    _load_image_processor: ClassVar[bool | None] = None
    _load_video_processor: ClassVar[bool | None] = None
    _load_processor: ClassVar[bool | None] = None

    # Whether all texts of a batch are one request of the model's continuous batching.
    _is_continuous = False
    # Further methods and properties that the results of the steps depend on.
    _hooks: ClassVar[tuple[str, ...]] = ()
    # Keys of the configuration that the results depend on.
    _config_keys: ClassVar[tuple[str, ...]] = ()
    # The steps and hooks as the engine computes them; empty for a class of one's own.
    _engine_steps: ClassVar[Mapping[str, Any]] = {}

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    feature_extractor: Any
    image_processor: Any
    video_processor: Any
    processor: Any
    binary_output: bool
    call_count: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls._run is not Pipeline._run and cls.__module__.startswith("trustformers."):
            cls._engine_steps = {name: getattr(cls, name) for name in (*STEPS, *cls._hooks)}

    def __init__(  # noqa: PLR0917  (as in transformers)
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast | None = None,
        feature_extractor: Any = None,
        image_processor: Any = None,
        video_processor: Any = None,
        processor: Any = None,
        *,
        task: str = "",
        device: Any = None,
        binary_output: bool = False,
        batch_size: int | None = None,
        num_workers: int | None = None,
        **options: Any,
    ) -> None:
        if isinstance(model, PeftModel):
            model = model.get_base_model()
        if not isinstance(model, PreTrainedModel):
            raise InputError(f"model: expected a loaded model, found {kind(model)}; pipeline() takes a path")
        if (self._load_tokenizer or tokenizer is not None) and not isinstance(tokenizer, PreTrainedTokenizerFast):
            raise InputError(f"tokenizer: expected a loaded tokenizer, found {kind(tokenizer)}")
        if type(self).__module__.startswith("trustformers.") and not self._takes_task(task):
            raise InputError(f"task: {task!r} is not the {self.task!r} of {type(self).__name__}")
        processors = (feature_extractor, image_processor, video_processor, processor)
        for name, value in zip(_PROCESSORS, processors, strict=True):
            if value is not None and self._load_tokenizer:
                raise UnsupportedError(f"not supported: {name} of {type(self).__name__}, whose inputs are texts")
            setattr(self, name, value)
        self.task = task or self.task
        self.model = model if device is None else model.to(Device(device))
        self.tokenizer = tokenizer  # type: ignore[assignment]  # None only in a class of one's own
        self.binary_output = binary_output
        self.call_count = 0
        self._batch_size = _batch_size(batch_size)
        self._num_workers = _num_workers(num_workers)
        self._built: tuple[Any, Any, Any] | None = None
        self._engine_config: dict[str, Any] = {}
        for name in _WITHOUT_EFFECT:
            options.pop(name, None)
        self._prepare()
        parameters = self._sanitize_parameters(**options)
        self._preprocess_params, self._forward_params, self._postprocess_params = parameters

    @classmethod
    def _takes_task(cls, task: str) -> bool:
        """Whether the class is for a task; an empty name is that of the class."""
        return task in {"", cls.task, *cls._aliases}

    @classmethod
    def _source(cls, loader: type[PreTrainedModel], directory: str) -> tuple[type[PreTrainedModel], str]:
        """The class and the directory to load the model from."""
        return loader, directory

    def _prepare(self) -> None:
        """Checks the model and the tokenizer, and changes their settings."""
        if self._load_tokenizer:
            _ = self._native

    def _engine(self) -> Any:
        """Creates the engine's pipeline."""
        return None

    @property
    def _native(self) -> Any:
        """The engine's pipeline of the current model and tokenizer, whose settings may have changed."""
        self.model._follow_config()
        model, tokenizer = self.model._native, self.tokenizer._native
        if self._built is None or self._built[0] is not model or self._built[1] is not tokenizer:
            self._built = (model, tokenizer, self._engine())
            if self._config_keys:
                config = type(self.model.config)(**model.config())
                self._engine_config = {name: getattr(config, name, None) for name in self._config_keys}
        return self._built[2]

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        """Runs the engine's pipeline on inputs; returns one result each."""
        raise NotImplementedError

    def _engine_takes(self, _options: dict[str, Any]) -> bool:
        """Whether the engine's pipeline has the options of a call; the steps have all of them."""
        return True

    def _is_unchanged(self) -> bool:
        """Whether the steps, the hooks, the tokenizer and the model are those that the engine computes."""
        if not self._engine_steps:
            return False
        cls, own, config = type(self), vars(self), self.model.config
        _ = self._native
        return (
            all(getattr(config, name, None) == value for name, value in self._engine_config.items())
            and all(name not in own and getattr(cls, name) is step for name, step in self._engine_steps.items())
            and _is_own_function(self.tokenizer, "__call__")
            and _is_own_function(self.model, "__call__")
            and _is_own_function(self.model, "forward")
        )

    def _parameters(self, given: Mapping[str, Any]) -> Parameters:
        """Counts a call, and returns its parameters."""
        parameters = self._merged(self._sanitize_parameters(**given))
        self.call_count += 1
        return parameters

    def _merged(self, parameters: Parameters) -> Parameters:
        """The parameters of a call, with those of the pipeline as defaults."""
        own = (self._preprocess_params, self._forward_params, self._postprocess_params)
        preprocess, forward, postprocess = ({**before, **given} for before, given in zip(own, parameters, strict=True))
        return preprocess, forward, postprocess

    def _default_batch_size(self, _options: dict[str, Any]) -> int:
        """The default batch size for lists."""
        return 32

    def _called(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Runs the steps: a result for one input, a list for a list, an iterator for an iterator or a dataset.

        Parameters
        ----------
        inputs
            One input, a list, an iterator or a dataset.
        *args
            Without effect.
        **kwargs
            `batch_size`, `num_workers` and the arguments of `_sanitize_parameters`.
        """
        if args:
            logger.warning("%s: positional arguments after the inputs have no effect: %s", type(self).__name__, args)
        return self._call(as_chats(inputs), kwargs)

    if TYPE_CHECKING:
        # The classes for tasks have signatures of their own.
        __call__: Callable[..., Any]
    else:
        __call__ = _called

    def _call(self, inputs: object, given: dict[str, Any]) -> Any:
        given = {**given}
        requested = _batch_size(given.pop("batch_size", None)) or self._batch_size
        _num_workers(given.pop("num_workers", None))
        parameters = self._parameters(given)
        options = {name: value for step in parameters for name, value in step.items()}
        if not self._is_unchanged() or not self._engine_takes(options):
            return self._run_steps(inputs, parameters, requested or 1)
        if isinstance(inputs, Sequence) and is_dataset(inputs):
            # The items of a class of one's own are those that it yields.
            inputs = inputs if type(inputs) in (list, tuple) else list(inputs)
            return list(self._run_windows(inputs, options, requested or self._default_batch_size(options)))
        if is_dataset(inputs):
            # Without a batch size each result is yielded before the next input is read, as in transformers.
            return Results(self._run_stream(items(inputs), options, requested or 1), inputs)
        return self._run([inputs], options, 1)[0]

    def _run_windows(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Iterator[Any]:
        window = self._window_size(options, batch_size)
        advance, close = _progress(self.task, len(inputs)) if len(inputs) > window else (_ignore, _ignore)
        try:
            for start in range(0, len(inputs), window):
                part = inputs[start : start + window]
                yield from self._run(part, options, batch_size)
                advance(len(part))
        finally:
            close()

    def _window_size(self, _options: dict[str, Any], batch_size: int) -> int:
        """The number of inputs that the engine sorts by length into batches."""
        return batch_size * -(-_WINDOW // batch_size)

    def _run_stream(self, inputs: Iterator[object], options: dict[str, Any], batch_size: int) -> Iterator[Any]:
        while batch := list(islice(inputs, batch_size)):
            yield from self._run(batch, options, batch_size)

    def transform(self, X: Any) -> Any:
        """Calls the pipeline, as a step of scikit-learn."""
        return self(X)

    def predict(self, X: Any) -> Any:
        """Calls the pipeline, as a step of scikit-learn."""
        return self(X)

    @property
    def device(self) -> Device:
        """The device that the model is on; setting it moves the model."""
        device: Device = self.model.device
        return device

    @device.setter
    def device(self, device: Any) -> None:
        self.model = self.model.to(Device(device))

    @property
    def dtype(self) -> Any:
        """The model's dtype; see `PreTrainedModel.dtype`."""
        return self.model.dtype

    @property
    def torch_dtype(self) -> Any:
        """The model's dtype; see `PreTrainedModel.dtype`."""
        return self.model.dtype

    def check_model_type(self, supported_models: Iterable[str] | Mapping[Any, Any]) -> None:
        """Logs an error if the model's class is not among the given ones.

        Parameters
        ----------
        supported_models
            Names of classes, or a mapping whose values are names, classes or tuples of them.
        """
        listed = supported_models.values() if isinstance(supported_models, Mapping) else supported_models
        names = [
            one if isinstance(one, str) else one.__name__
            for value in listed
            for one in (value if isinstance(value, tuple) else (value,))
        ]
        name = type(self.model).__name__
        if name not in names:
            logger.error("model: %s is not supported for %s; expected one of %s", name, self.task, names)

    def save_pretrained(self, save_directory: str | os.PathLike[str], **kwargs: Any) -> None:
        """Writes the model and the tokenizer into a directory.

        Parameters
        ----------
        save_directory
            The directory.
        **kwargs
            As for `PreTrainedModel.save_pretrained`.
        """
        self.model.save_pretrained(save_directory, **kwargs)
        if self.tokenizer is not None:
            self.tokenizer.save_pretrained(save_directory)

    def push_to_hub(self, *_args: Any, **_kwargs: Any) -> None:
        """Not supported: pipelines are not uploaded."""
        raise UnsupportedError(
            "not supported: push_to_hub of a pipeline; write it with save_pretrained and upload the folder with "
            "huggingface_hub.upload_folder"
        )

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_built": None}

    def __repr__(self) -> str:
        shown: dict[str, Any] = {
            "model": type(self.model).__name__,
            "dtype": str(self.dtype).removeprefix("torch."),
            "device": self.device.type,
            "input_modalities": "text",
        }
        if self.model.can_generate():
            shown["output_modalities"] = ("text",)
        return f"{type(self).__name__}: {shown}"


class ChunkPipeline(ChunkSteps, Pipeline):
    """Base of pipelines that split an input into chunks: `preprocess` yields them, `postprocess` takes all outputs."""


def names_with(head: str) -> list[str]:
    """The names of the classes with a head, one for each family that has it."""
    return [heads[head] for *_, heads in _native.families() if head in heads]


def native_call(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls the engine with texts.

    Raises
    ------
    InputError
        A text is not valid UTF-8.
    """
    try:
        return function(*args, **kwargs)
    except UnicodeEncodeError as error:
        raise half_surrogate(error) from error


def _is_own_function(instance: object, name: str) -> bool:
    """Whether a method is one of this package, not of a subclass or an instance of the caller's."""
    function = getattr(type(instance), name)
    return name not in vars(instance) and getattr(function, "__globals__", {}).get("__name__", "").startswith(
        "trustformers."
    )


def _batch_size(batch_size: object) -> int | None:
    return None if batch_size is None else positive("batch_size", batch_size)


def _num_workers(num_workers: object) -> int | None:
    if num_workers is None:
        return None
    if not isinstance(num_workers, int) or num_workers < 0:
        raise InputError(f"num_workers: expected at least 0, found {kind(num_workers)}")
    return num_workers


def _ignore(_count: int = 0) -> None:
    pass


def _progress(task: str, total: int) -> tuple[Callable[[int], object], Callable[[], object]]:
    """A progress bar on a terminal, if tqdm is installed and progress bars are enabled."""
    if not is_progress_bar_enabled():
        return _ignore, _ignore
    try:
        tqdm = importlib.import_module("tqdm")
    except ImportError:
        return _ignore, _ignore
    bar = tqdm.tqdm(total=total, desc=task, unit="input", disable=None)
    return bar.update, bar.close
