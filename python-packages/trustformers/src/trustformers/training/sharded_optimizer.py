"""An optimizer whose states are divided among the processes that train a model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trustformers.distributed.gradients import reduce_gradients
from trustformers.distributed.tensors import broadcast_array, store
from trustformers.distributed.world import world
from trustformers.errors import InputError
from trustformers.tensor.autograd import no_grad
from trustformers.training.optimizer_base import Optimizer, check_groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustformers._native import Tensor
    from trustformers.distributed.world import World

__all__ = ["ZeroRedundancyOptimizer"]


class ZeroRedundancyOptimizer(Optimizer):
    """An optimizer of which each process keeps the states of its share of the parameters.

    A step changes the parameters of the share, and sends them to the other processes. The parameters are divided as
    they are, so that the shares have about the same number of elements.

    Parameters
    ----------
    params
        Parameters or groups of them, the same in all processes.
    optimizer_class
        The class of the optimizer of a share, such as `AdamW`.
    defaults
        Its options.

    Examples
    --------
    >>> optimizer = ZeroRedundancyOptimizer(model.parameters(), AdamW, lr=1e-4)  # doctest: +SKIP
    """

    def __init__(self, params: Any, optimizer_class: type[Optimizer], **defaults: Any) -> None:
        if not (isinstance(optimizer_class, type) and issubclass(optimizer_class, Optimizer)):
            raise InputError(f"optimizer_class: expected a class of optimizers, found {optimizer_class!r:.60}")
        self._world: World = world()
        whole = optimizer_class(params, **defaults)
        self._owners: dict[int, int] = {}
        self._loads = [0] * self._world.size
        super().__init__([_with_names(group) for group in whole.param_groups], whole.defaults)
        self._local: Optimizer = optimizer_class([self._share(group) for group in self.param_groups], **defaults)
        self.state = self._local.state
        self._whole_state: dict[int, dict[str, Any]] | None = None

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds a group of parameters, and divides them; as of `Optimizer`."""
        super().add_param_group(param_group)
        self._owners |= _owners(param_group["params"], self._loads)
        # The constructor adds groups before there is an optimizer of the share.
        if hasattr(self, "_local"):
            self._local.add_param_group(self._share(param_group))

    def owner_of(self, parameter: Tensor) -> int:
        """The rank of the process that keeps the states of a parameter."""
        return self._owners[id(parameter)]

    def reduce_gradients(self, bucket_cap_mb: float | None = None) -> None:
        """Gives each process the means, over all processes, of the gradients of its share; the others are removed."""
        parameters = self._parameters()
        owners = [self.owner_of(parameter) for parameter in parameters]
        reduce_gradients(self._world, parameters, owners, bucket_cap_mb)

    def total_norm(self, own: float) -> float:
        """The norm of all gradients, from the norm of those of the share."""
        return math.sqrt(self._world.total(own * own, "norm of gradients"))

    @no_grad()
    def step(self, closure: Any = None) -> Any:
        """Changes the parameters of the share, and takes those of the others from their processes."""
        self._opt_called = True
        for group, local in zip(self.param_groups, self._local.param_groups, strict=True):
            local |= {key: value for key, value in group.items() if key not in ("params", "param_names")}
        loss = self._local.step(closure)
        for parameter in self._parameters():
            self._broadcast(parameter)
        return loss

    def consolidate_state_dict(self, to: int = 0) -> None:
        """Collects the states of all shares in one process, whose `state_dict` then has them all."""
        indices = {id(parameter): index for index, parameter in enumerate(self._parameters())}
        own = {indices[id(parameter)]: dict(state) for parameter, state in self._local.state.items()}
        parts = self._world.gather_at(own, to, "collection of the optimizer's states")
        self._whole_state = None if parts is None else {key: state for part in parts for key, state in part.items()}

    def state_dict(self) -> dict[str, Any]:
        """The groups and the states of all shares.

        Raises
        ------
        InputError
            There are several processes, and `consolidate_state_dict` has not been called since the last step.
        """
        if self._world.size == 1:
            self.consolidate_state_dict()
        state, self._whole_state = self._whole_state, None
        if state is None:
            raise InputError("state_dict: call consolidate_state_dict() in all processes first")
        return {"state": state, "param_groups": super().state_dict()["param_groups"]}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over the options, and the states of the share.

        Raises
        ------
        InputError
            The groups, or the numbers of their parameters, are not those of this optimizer.
        """
        everything = dict(state_dict)
        check_groups(self.param_groups, everything["param_groups"])
        positions = {id(parameter): index for index, parameter in enumerate(self._parameters())}
        groups = []
        mine: list[int] = []
        for group, saved in zip(self.param_groups, everything["param_groups"], strict=True):
            own = self._own(group["params"])
            indices = [positions[id(parameter)] for parameter in own]
            mine += indices
            groups.append({**saved, "params": indices})
            group |= {key: value for key, value in saved.items() if key not in ("params", "param_names")}
        state = {index: everything["state"][index] for index in mine if index in everything["state"]}
        self._local.load_state_dict({**everything, "state": state, "param_groups": groups})
        self.state = self._local.state

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def _own(self, parameters: Sequence[Tensor]) -> list[Tensor]:
        return [parameter for parameter in parameters if self.owner_of(parameter) == self._world.rank]

    def _share(self, group: Mapping[str, Any]) -> dict[str, Any]:
        """A group with the parameters of this process."""
        options = {key: value for key, value in group.items() if key != "param_names"}
        return options | {"params": self._own(group["params"])}

    def _broadcast(self, parameter: Tensor) -> None:
        if self._world.size == 1:
            return
        owner = self.owner_of(parameter)
        array = broadcast_array(self._world, parameter, owner, "broadcast of weights after a step")
        if owner != self._world.rank:
            store(parameter, array)


def _owners(parameters: Sequence[Tensor], loads: list[int]) -> dict[int, int]:
    """The rank of each parameter by its `id`: the largest ones first, each to the smallest share, whose load grows."""
    found: dict[int, int] = {}
    for parameter in sorted(parameters, key=lambda parameter: -parameter.numel()):
        rank = loads.index(min(loads))
        loads[rank] += parameter.numel()
        found[id(parameter)] = rank
    return found


def _with_names(group: Mapping[str, Any]) -> dict[str, Any]:
    """A group of an optimizer as a new optimizer takes it."""
    options = {key: value for key, value in group.items() if key != "param_names"}
    if "param_names" in group:
        options["params"] = list(zip(group["param_names"], group["params"], strict=True))
    return options
