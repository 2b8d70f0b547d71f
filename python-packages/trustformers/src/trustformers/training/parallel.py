"""Data-parallel training with a loop of one's own."""

from __future__ import annotations

import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers.distributed.agreement import broadcast_weights, check_agreement, weights_of
from trustformers.distributed.gradients import average_gradients
from trustformers.distributed.world import world
from trustformers.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DistributedDataParallel"]

# Arguments of torch's class that change nothing here: all weights are averaged after each backward pass, also those
# that a pass did not use.
_WITHOUT_EFFECT = frozenset(
    {
        *("device_ids", "output_device", "dim", "broadcast_buffers", "find_unused_parameters", "check_reduction"),
        *("gradient_as_bucket_view", "static_graph", "init_sync", "skip_all_reduce_unused_params"),
    }
)


class DistributedDataParallel:
    """A model that several processes train together: each backward pass averages the gradients of all processes.

    The weights are those of rank 0. In one process it changes nothing.

    Parameters
    ----------
    module
        The model, the same in all processes.
    bucket_cap_mb
        The size of the pieces that are reduced at once, in MiB; 4 by default.
    options
        The other arguments of torch's class, which have no effect.

    Raises
    ------
    InputError
        The processes have different models, or no weight requires a gradient.

    Examples
    --------
    >>> model = DistributedDataParallel(AutoModelForCausalLM.from_pretrained(path).train())  # doctest: +SKIP
    >>> model(**batch).loss.backward()  # doctest: +SKIP
    """

    def __init__(self, module: Any, *, bucket_cap_mb: float | None = None, **options: Any) -> None:
        for name, value in options.items():
            if name not in _WITHOUT_EFFECT and value is not None:
                raise UnsupportedError(f"not supported: {name}={value!r} of DistributedDataParallel; leave it out")
        self.module: Any = module
        self.require_backward_grad_sync: bool = True
        self._world = world()
        self._bucket_cap_mb = bucket_cap_mb
        named = dict(module.named_parameters())
        self._parameters = [parameter for parameter in named.values() if parameter.requires_grad]
        if not self._parameters:
            raise InputError("module: no parameter requires a gradient")
        if self._world.size == 1:
            return
        check_agreement(self._world, weights_of(named))
        broadcast_weights(self._world, named)
        own = weakref.ref(self)
        self._handles = [
            parameter.register_post_accumulate_grad_hook(lambda _parameter: _note(own))
            for parameter in self._parameters
        ]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The output of the model."""
        return self.module(*args, **kwargs)

    forward = __call__

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """A block whose backward passes average nothing; the first pass after it averages the sums."""
        before, self.require_backward_grad_sync = self.require_backward_grad_sync, False
        try:
            yield
        finally:
            self.require_backward_grad_sync = before

    def train(self, mode: bool = True) -> DistributedDataParallel:
        """Puts the model into training mode."""
        self.module.train(mode)
        return self

    def eval(self) -> DistributedDataParallel:
        """Puts the model into evaluation mode."""
        return self.train(False)

    @property
    def training(self) -> bool:
        """Whether the model is in training mode."""
        return bool(self.module.training)

    def parameters(self, recurse: bool = True) -> Any:
        """The parameters of the model."""
        return self.module.parameters(recurse)

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Any]]:
        """The parameters of the model, with `module.` before their names as in torch."""
        start = f"{prefix}." if prefix else ""
        for name, parameter in self.module.named_parameters(recurse=recurse):
            yield f"{start}module.{name}", parameter

    def state_dict(self) -> dict[str, Any]:
        """The weights of the model, with `module.` before their names as in torch."""
        return {f"module.{name}": value for name, value in self.module.state_dict().items()}

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Removes the gradients."""
        self.module.zero_grad(set_to_none)

    def _average(self) -> None:
        average_gradients(self._world, self._parameters, self._bucket_cap_mb)


def _note(own: weakref.ref[DistributedDataParallel]) -> None:
    """Lets a backward pass average the gradients when it has ended."""
    parallel = own()
    if parallel is not None and parallel.require_backward_grad_sync:
        _native._after_backward(parallel._average)
