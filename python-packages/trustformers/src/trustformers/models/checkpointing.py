"""Activation checkpointing: training keeps the inputs of layers, and computes the layers again for their gradients."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar

from trustformers.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CheckpointingMixin"]

# Arguments of torch.utils.checkpoint.checkpoint that choose among ways to the same gradients.
_EQUIVALENT = frozenset({"use_reentrant", "preserve_rng_state", "determinism_check", "debug", "early_stop"})


class CheckpointingMixin:
    """Methods of models that trade time of training steps for memory."""

    supports_gradient_checkpointing: ClassVar[bool] = True
    # The whole model's: every n-th layer keeps its input only.
    _checkpoint_every: int | None = None

    if TYPE_CHECKING:

        @property
        def _whole(self) -> Any: ...

    @property
    def is_activation_checkpointing(self) -> bool:
        """Whether calls in training mode keep the inputs of layers only."""
        return self._whole._checkpoint_every is not None

    @property
    def is_gradient_checkpointing(self) -> bool:
        """Former name of `is_activation_checkpointing`."""
        return self.is_activation_checkpointing

    def activation_checkpointing_enable(
        self,
        activation_checkpointing_kwargs: Mapping[str, Any] | None = None,
        every_n_layers: int = 1,
        offload: bool = False,
    ) -> None:
        """Makes calls in training mode keep the inputs of layers only; a backward pass computes the layers again.

        Gradients are the same. The layers take less memory, and each step computes them twice.

        Parameters
        ----------
        activation_checkpointing_kwargs
            Arguments of `torch.utils.checkpoint.checkpoint`, which choose among ways to the same gradients here.
        every_n_layers
            Only every n-th layer, from the first on, is computed again.
        offload
            Whether the inputs are kept in the processor's memory, where those of a model on a CPU are.

        Raises
        ------
        InputError
            An argument is not one of `torch.utils.checkpoint.checkpoint`, or `every_n_layers` is not positive.
        UnsupportedError
            `context_fn` is given, or `offload` for a model that is not on a CPU.
        """
        options = dict(activation_checkpointing_kwargs or {})
        if options.pop("context_fn", None) is not None:
            raise UnsupportedError(
                "not supported: context_fn of activation checkpointing; every_n_layers chooses what is computed again"
            )
        if unknown := sorted(options.keys() - _EQUIVALENT):
            known = ", ".join(sorted(_EQUIVALENT))
            raise InputError(f"activation_checkpointing_kwargs: found {', '.join(unknown)}, expected {known}")
        if isinstance(every_n_layers, bool) or not isinstance(every_n_layers, int) or every_n_layers < 1:
            raise InputError(f"every_n_layers: expected a positive integer, found {every_n_layers!r}")
        if offload and self._whole.device.type != "cpu":
            raise UnsupportedError(
                "not supported: offload of activation checkpointing; the inputs of layers stay on the model's device"
            )
        self._whole._checkpoint_every = every_n_layers

    def activation_checkpointing_disable(self) -> None:
        """Makes calls in training mode keep all that gradients need."""
        self._whole._checkpoint_every = None

    def gradient_checkpointing_enable(
        self, gradient_checkpointing_kwargs: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        """Former name of `activation_checkpointing_enable`."""
        _warn("gradient_checkpointing_enable", "activation_checkpointing_enable")
        self.activation_checkpointing_enable(gradient_checkpointing_kwargs, **kwargs)

    def gradient_checkpointing_disable(self) -> None:
        """Former name of `activation_checkpointing_disable`."""
        _warn("gradient_checkpointing_disable", "activation_checkpointing_disable")
        self.activation_checkpointing_disable()

    def enable_input_require_grads(self) -> None:
        """Has no effect: gradients of adapters and of later layers pass through layers that are not trained."""

    def disable_input_require_grads(self) -> None:
        """Has no effect; see `enable_input_require_grads`."""


def _warn(former: str, name: str) -> None:
    warnings.warn(f"{former} is the former name of {name}; use {name}", FutureWarning, stacklevel=3)
