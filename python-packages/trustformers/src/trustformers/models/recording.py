"""Calls in training mode, which keep what gradients of the weights need."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers.errors import UnsupportedError
from trustformers.models.tree import leaves
from trustformers.runtime.dropout import next_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustformers._native import Tensor
    from trustformers.models.tensors import Target

__all__ = ["Recorder", "RecordingMixin", "mixed_precision", "mixed_precision_dtype"]

_DTYPE: ContextVar[str | None] = ContextVar("mixed_precision", default=None)


def mixed_precision_dtype() -> str | None:
    """The dtype to which products of models in training mode round their operands; None if they do not."""
    return _DTYPE.get()


@contextmanager
def mixed_precision(dtype: str | None) -> Iterator[None]:
    """Rounds the operands of products of models in training mode to a dtype, or does not."""
    token = _DTYPE.set(dtype)
    try:
        yield
    finally:
        _DTYPE.reset(token)


class Recorder:
    """Runs a model in training mode.

    Parameters
    ----------
    model
        The model.
    operand
        The `inputs_embeds` that require a gradient; of an encoder-decoder those of the source, or its
        `encoder_outputs`.
    """

    # That of the call.
    _recording: _native.Recording

    def __init__(self, model: Any, operand: _native.Tensor | None) -> None:
        self._model = model
        self._operand = operand

    def __call__(
        self,
        *,
        output_hidden_states: bool = False,
        output_attentions: bool = False,
        past: Any = None,
        logits_to_keep: int | None = None,
        source: _native.EncoderSource | None = None,
        **inputs: Any,
    ) -> _native.ModelOutput:
        """The engine's output; that of the decoder if there is a source.

        Raises
        ------
        UnsupportedError
            An argument is not supported in training mode.
        """
        for name, value in (("output_attentions", output_attentions), ("logits_to_keep", logits_to_keep)):
            if value:
                raise UnsupportedError(f"not supported: {name} in training mode; call eval() first, or use no_grad()")
        native, weights = self._model._recorded_weights()
        operand = self._operand
        if operand is not None and source is None:
            operand = operand[:, : inputs.pop("inputs_embeds").shape[1]]
        arrays = {name: value for name, value in inputs.items() if value is not None}
        recording = native.train(
            weights,
            operand,
            arrays,
            source=source,
            seed=next_seed(),
            mixed_precision=mixed_precision_dtype(),
            checkpoint_every=self._model._whole._checkpoint_every,
            output_hidden_states=output_hidden_states,
        )
        self._recording = recording
        output: _native.ModelOutput = recording.output
        return output

    @property
    def encoder(self) -> Any:
        """The engine's output of the encoder; None without a source."""
        return self._recording.encoder

    def record(self, names: list[str], outputs: list[_native.Tensor]) -> list[_native.Tensor]:
        """The outputs of the call as part of the graph."""
        return self._recording.record(names, outputs)


class RecordingMixin:
    """What a call of a model records for gradients of the weights."""

    if TYPE_CHECKING:
        training: Any
        is_quantized: Any
        quantization_method: Any
        _branch: Any
        _path: Any
        _is_trainable: Any
        _whole: Any

    def _records_weights(self, target: Target | None, has_labels: bool) -> bool:
        """Whether gradients of the weights may be requested of an output.

        In evaluation mode only the loss of a call with tensors has gradients.
        """
        is_recorded = (has_labels or target is not None) if self.training else (has_labels and target is not None)
        if not is_recorded or not self._is_trainable:
            return False
        if self.is_quantized and not self.training and self._whole._adapters is None:
            return False
        return _native.is_grad_enabled() if target is None else target.records

    def _trained_weights(self) -> list[tuple[str, Tensor]]:
        """Names and tensors of the weights whose gradients a call in evaluation mode may have."""
        weights: list[tuple[str, Tensor]] = self._whole._parameters.recorded(dict(leaves(self._branch)))
        adapters = self._whole._adapters
        if adapters is None:
            return weights
        prefix = f"{self._path}." if self._path else ""
        own = [(name, tensor) for name, tensor in adapters.trained() if tensor.requires_grad]
        return weights + [(name[len(prefix) :], tensor) for name, tensor in own if name.startswith(prefix)]

    def _check_recorded(self, operand: Tensor | None) -> None:
        if not self.is_quantized or self._whole._adapters is not None:
            return
        what, advice = "training", ""
        if operand is not None:
            what, advice = "inputs_embeds that require a gradient in", "pass inputs_embeds.detach(), or "
        method = self.quantization_method
        raise UnsupportedError(
            f"not supported: {what} a model quantized to {method}; {advice}load it without quantization"
        )
