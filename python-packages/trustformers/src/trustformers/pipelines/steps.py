"""The steps of pipelines, which run one after another: `preprocess`, `forward` and `postprocess`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._checks.tensors import kind_of
from trustformers.models.outputs import ModelOutput
from trustformers.pipelines.batches import no_collate_fn, pad_collate_fn
from trustformers.pipelines.conversations import Chat, is_message
from trustformers.pipelines.datasets import (
    Batches,
    PipelineChunkIterator,
    PipelineDataset,
    PipelineIterator,
    PipelinePackIterator,
    is_dataset,
    items,
)
from trustformers.runtime.device import Device
from trustformers.tensor.autograd import no_grad

__all__ = ["ChunkSteps", "Steps"]

logger: logging.Logger = logging.getLogger("trustformers")

Parameters = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
# The steps that a class may override.
STEPS = ("_sanitize_parameters", "preprocess", "_forward", "forward", "postprocess", "run_single", "get_iterator")


def tensor_type() -> str:
    """The tensors that `preprocess` returns: torch's if torch is imported, else `Tensor`s."""
    return "pt" if sys.modules.get("torch") is not None else "tf_rs"


class Steps:
    """The steps of a pipeline: a subclass implements `preprocess`, `_forward` and `postprocess`.

    `_sanitize_parameters` splits the arguments of the pipeline and of a call into three dicts, one for each step.
    """

    if TYPE_CHECKING:
        tokenizer: Any
        device: Any
        # Classes have signatures of their own.
        _sanitize_parameters: Callable[..., Any]
        preprocess: Callable[..., Any]
        _forward: Callable[..., Any]
        postprocess: Callable[..., Any]
    else:

        def _sanitize_parameters(self, **kwargs: Any) -> Parameters:
            """The arguments of `preprocess`, `_forward` and `postprocess`."""
            raise self._abstract("_sanitize_parameters")

        def preprocess(self, inputs: Any, **kwargs: Any) -> Any:
            """The model's arguments for an input."""
            raise self._abstract("preprocess")

        def _forward(self, model_inputs: Any, **kwargs: Any) -> Any:
            """The model's outputs."""
            raise self._abstract("_forward")

        def postprocess(self, model_outputs: Any, **kwargs: Any) -> Any:
            """The result for the model's outputs."""
            raise self._abstract("postprocess")

    def _abstract(self, step: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__} does not implement {step}")

    def forward(self, model_inputs: Any, **forward_params: Any) -> Any:
        """Runs the model on what `preprocess` returns, on the pipeline's device and without gradients.

        The outputs are on the cpu.
        """
        with self.device_placement(), self.get_inference_context()():
            model_inputs = self._ensure_tensor_on_device(model_inputs, self.device)
            return self._ensure_tensor_on_device(self._forward(model_inputs, **forward_params), Device.cpu())

    def run_single(self, inputs: Any, preprocess_params: Any, forward_params: Any, postprocess_params: Any) -> Any:
        """The result for one input."""
        model_inputs = self.preprocess(inputs, **preprocess_params)
        return self.postprocess(self.forward(model_inputs, **forward_params), **postprocess_params)

    def get_iterator(  # noqa: PLR0917  (as in transformers)
        self,
        inputs: Any,
        num_workers: int,
        batch_size: int,
        preprocess_params: Any,
        forward_params: Any,
        postprocess_params: Any,
    ) -> PipelineIterator:
        """The results for several inputs, as they are read."""
        del num_workers
        dataset: Any = PipelineIterator(inputs, self.preprocess, preprocess_params)
        if isinstance(inputs, Sized):
            dataset = PipelineDataset(inputs, self.preprocess, preprocess_params)
        batches = Batches(dataset, batch_size, self._collate(batch_size))
        outputs = PipelineIterator(batches, self.forward, forward_params, loader_batch_size=batch_size)
        return PipelineIterator(outputs, self.postprocess, postprocess_params)

    def _collate(self, batch_size: int) -> Callable[[list[Any]], Any]:
        return no_collate_fn if batch_size == 1 else pad_collate_fn(self.tokenizer)

    def _run_steps(self, inputs: Any, parameters: Parameters, batch_size: int) -> Any:
        """Runs the steps: a result for one input, a list for a sequence, an iterator for an iterator or a dataset."""
        if isinstance(inputs, (str, bytes, Mapping, Chat)) or not is_dataset(inputs):
            return self.run_single(inputs, *parameters)
        if isinstance(inputs, Sequence):
            return list(self.get_iterator(inputs, 0, batch_size, *parameters))
        return self.get_iterator(inputs, 0, batch_size, *parameters)

    def get_inference_context(self) -> Callable[[], Any]:
        """A function that returns the context of `forward`: torch's `no_grad` if torch is imported, or ours."""
        torch: Any = sys.modules.get("torch")
        return no_grad if torch is None else torch.no_grad

    @contextmanager
    def device_placement(self) -> Iterator[None]:
        """Makes the pipeline's device torch's current one, if torch is imported and the device is a GPU."""
        torch: Any = sys.modules.get("torch")
        if torch is None or not self.device.is_cuda() or not torch.cuda.is_available():
            yield
            return
        with torch.cuda.device(str.__str__(self.device)):
            yield

    def ensure_tensor_on_device(self, **inputs: Any) -> dict[str, Any]:
        """The arguments with every tensor on the pipeline's device."""
        return {name: self._ensure_tensor_on_device(value, self.device) for name, value in inputs.items()}

    def _ensure_tensor_on_device(self, inputs: Any, device: Any) -> Any:
        """The tensors of nested lists, tuples and mappings, moved to a device."""
        if isinstance(inputs, ModelOutput):
            for name, value in inputs.items():
                inputs[name] = self._ensure_tensor_on_device(value, device)
            return inputs
        if isinstance(inputs, Mapping):
            moved = {name: self._ensure_tensor_on_device(value, device) for name, value in inputs.items()}
            if isinstance(inputs, dict):
                return moved
            # A BatchEncoding keeps its encodings.
            inputs.update(moved)  # type: ignore[attr-defined]
            return inputs
        if isinstance(inputs, (list, tuple)) and not hasattr(inputs, "_fields"):
            return type(inputs)(self._ensure_tensor_on_device(item, device) for item in inputs)
        is_tensor = isinstance(inputs, _native.Tensor) or (hasattr(inputs, "shape") and kind_of(inputs) == "pt")
        return inputs if not is_tensor or inputs.device == device else inputs.to(device)


class ChunkSteps(Steps):
    """Steps whose `preprocess` yields the chunks of an input, and whose `postprocess` takes a list of outputs.

    Each chunk is a dict; a true `is_last` marks the last one of an input.
    """

    def run_single(self, inputs: Any, preprocess_params: Any, forward_params: Any, postprocess_params: Any) -> Any:
        """The result for one input."""
        chunks = self.preprocess(inputs, **preprocess_params)
        return self.postprocess([self.forward(chunk, **forward_params) for chunk in chunks], **postprocess_params)

    def get_iterator(  # noqa: PLR0917  (as in transformers)
        self,
        inputs: Any,
        num_workers: int,
        batch_size: int,
        preprocess_params: Any,
        forward_params: Any,
        postprocess_params: Any,
    ) -> PipelineIterator:
        """The results for several inputs, as they are read; a batch may hold chunks of several inputs."""
        del num_workers
        chunks = PipelineChunkIterator(inputs, self.preprocess, preprocess_params)
        batches = Batches(chunks, batch_size, self._collate(batch_size))
        packs = PipelinePackIterator(batches, self.forward, forward_params, loader_batch_size=batch_size)
        return PipelineIterator(packs, self.postprocess, postprocess_params)


def as_chats(inputs: Any) -> Any:
    """Inputs with each list of messages as one `Chat`."""
    if isinstance(inputs, (list, tuple)) and inputs:
        if is_message(inputs[0]):
            return Chat(list(inputs))
        if all(isinstance(row, (list, tuple)) and row and is_message(row[0]) for row in inputs):
            return [Chat(list(row)) for row in inputs]
        return inputs
    if not isinstance(inputs, Iterator):
        return inputs
    return _chats(inputs)


def _chats(inputs: Iterator[Any]) -> Iterator[Any]:
    for item in items(inputs):
        is_chat = isinstance(item, (list, tuple)) and item and is_message(item[0])
        yield Chat(list(item)) if is_chat else item
