"""Calls in training mode, which keep what gradients of the weights need."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from trustformers.errors import UnsupportedError
from trustformers.runtime.dropout import next_seed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustformers import _native

__all__ = ["Recorder", "mixed_precision", "mixed_precision_dtype"]

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
        The `inputs_embeds` that require a gradient.
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
        **inputs: Any,
    ) -> _native.ModelOutput:
        """The engine's output.

        Raises
        ------
        UnsupportedError
            An argument is not supported in training mode.
        """
        for name, value in (("output_attentions", output_attentions), ("logits_to_keep", logits_to_keep)):
            if value:
                raise UnsupportedError(f"not supported: {name} in training mode; call eval() first, or use no_grad()")
        native, weights = self._model._recorded_weights()
        operand = None
        if self._operand is not None:
            operand = self._operand[:, : inputs.pop("inputs_embeds").shape[1]]
        arrays = {name: value for name, value in inputs.items() if value is not None}
        recording = native.train(
            weights,
            operand,
            arrays,
            seed=next_seed(),
            mixed_precision=mixed_precision_dtype(),
            checkpoint_every=self._model._whole._checkpoint_every,
            output_hidden_states=output_hidden_states,
        )
        self._recording = recording
        output: _native.ModelOutput = recording.output
        return output

    def record(self, names: list[str], outputs: list[_native.Tensor]) -> list[_native.Tensor]:
        """The outputs of the call as part of the graph."""
        return self._recording.record(names, outputs)
