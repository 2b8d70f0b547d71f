"""The base of pipelines: options, batching and streams."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

from trustformers import _native
from trustformers._checks.arguments import half_surrogate, kind
from trustformers.errors import InputError
from trustformers.models.base import PreTrainedModel
from trustformers.pipelines.arguments import Check, checked, positive
from trustformers.pipelines.steps import PythonSteps
from trustformers.runtime.device import Device
from trustformers.tokenizers.fast import PreTrainedTokenizerFast
from trustformers.utils.logging import is_progress_bar_enabled

__all__ = ["Pipeline"]

# The number of inputs of a list that are sorted by length before they are batched.
_WINDOW = 1024


class Pipeline(PythonSteps):
    """Base of all pipelines: a model and a tokenizer for a task.

    A class of one's own implements the steps of `PythonSteps`: `_sanitize_parameters`, `preprocess`, `_forward` and
    `postprocess`.

    Parameters
    ----------
    model, tokenizer
        A loaded model and tokenizer.
    task
        The task's name; if given, it must be the class's own.
    batch_size
        The number of texts per batch; results do not depend on it.
    device
        The device that the model is moved to.
    num_workers
        Without effect: the engine has its own threads.
    **options
        Default arguments of calls.

    Attributes
    ----------
    task
        The task's name.
    """

    task = ""
    _checks: ClassVar[Mapping[str, Check]] = {}

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        *,
        task: str = "",
        batch_size: int | None = None,
        num_workers: int | None = None,
        device: str | int | Device | None = None,
        **options: Any,
    ) -> None:
        if not isinstance(model, PreTrainedModel):
            raise InputError(f"model: expected a loaded model, found {kind(model)}; pipeline() takes a path")
        if not isinstance(tokenizer, PreTrainedTokenizerFast):
            raise InputError(f"tokenizer: expected a loaded tokenizer, found {kind(tokenizer)}")
        if self.task and task not in ("", self.task):
            raise InputError(f"task: {task!r} is not the {self.task!r} of {type(self).__name__}")
        self.model: PreTrainedModel = model if device is None else model.to(Device(device))
        self.tokenizer = tokenizer
        self._batch_size = _batch_size(batch_size)
        _num_workers(num_workers)
        self._prepare()
        if self.task:
            self._options = self._checked(options)
        else:
            self._step_options = self._sanitize_parameters(**options)

    @classmethod
    def _source(cls, loader: type[PreTrainedModel], directory: str) -> tuple[type[PreTrainedModel], str]:
        """The class and the directory to load the model from."""
        return loader, directory

    def _prepare(self) -> None:
        """Prepares the engine's pipeline."""

    def _run(self, inputs: Sequence[object], options: dict[str, Any], batch_size: int) -> Sequence[Any]:
        """Runs the pipeline on inputs; returns one result each."""
        raise NotImplementedError

    def _checked(self, given: Mapping[str, object]) -> dict[str, Any]:
        return checked(f"the {self.task} pipeline", given, self._checks)

    def _merged(self, options: dict[str, Any]) -> dict[str, Any]:
        """The pipeline's options, overridden by the options of a call."""
        return {**self._options, **options}

    def _default_batch_size(self, _options: dict[str, Any]) -> int:
        """The default batch size for lists."""
        return 32

    def _call(self, inputs: object, given: dict[str, Any]) -> Any:
        """Runs the pipeline: a result for one input, a list for a list, an iterator for an iterator."""
        requested = _batch_size(given.pop("batch_size", None)) or self._batch_size
        _num_workers(given.pop("num_workers", None))
        options = self._merged(self._checked(given))
        if isinstance(inputs, (list, tuple)):
            return list(self._run_windows(inputs, options, requested or self._default_batch_size(options)))
        if items := _items(inputs):
            # Without a batch size each result is yielded before the next input is read, as in transformers.
            return self._run_stream(items, options, requested or 1)
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

    def _run_stream(self, items: Iterator[object], options: dict[str, Any], batch_size: int) -> Iterator[Any]:
        while batch := list(islice(items, batch_size)):
            yield from self._run(batch, options, batch_size)

    @property
    def device(self) -> Device:
        """The device that the model is on."""
        return self.model.device

    @property
    def dtype(self) -> Any:
        """The model's dtype; see `PreTrainedModel.dtype`."""
        return self.model.dtype

    def save_pretrained(self, save_directory: str | os.PathLike[str]) -> None:
        """Writes the model and the tokenizer into a directory."""
        self.model.save_pretrained(save_directory)
        self.tokenizer.save_pretrained(save_directory)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(model={self.model!r})"


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


def _items(inputs: object) -> Iterator[object] | None:
    """The items of a generator or a dataset; None for any other input."""
    if isinstance(inputs, (str, bytes, Mapping)):
        return None
    if isinstance(inputs, Iterator):
        return inputs
    if hasattr(inputs, "__getitem__") and hasattr(inputs, "__len__"):
        dataset: Any = inputs
        return (dataset[index] for index in range(len(dataset)))
    return iter(inputs) if isinstance(inputs, Iterable) else None


def _batch_size(batch_size: object) -> int | None:
    return None if batch_size is None else positive("batch_size", batch_size)


def _num_workers(num_workers: object) -> None:
    if num_workers is not None and (not isinstance(num_workers, int) or num_workers < 0):
        raise InputError(f"num_workers: expected at least 0, found {kind(num_workers)}")


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
