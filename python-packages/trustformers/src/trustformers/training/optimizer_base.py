"""What all optimizers share: groups of parameters with their options, and the state of each parameter."""

from __future__ import annotations

import copy
import warnings
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from trustformers._native import Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.tensor.autograd import enable_grad, no_grad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Params = Iterable[Tensor] | Iterable[tuple[str, Tensor]] | Iterable[dict[str, Any]]

__all__ = ["Optimizer"]

# Arguments of torch's optimizers that choose between implementations with equal results.
_IMPLEMENTATIONS = ("foreach", "fused")


class Optimizer:
    """The base class of optimizers: as torch's, `param_groups` has options and `state` what steps remember.

    Parameters
    ----------
    params
        Tensors that require gradients, such as `model.parameters()`; pairs of a name and a tensor; or groups: mappings
        with `params` and options of their own.
    defaults
        Options of groups that do not have them.

    Attributes
    ----------
    param_groups
        The groups, with their parameters under `params`. Schedules change their `lr`.
    state
        Tensors and numbers of each parameter that has had a gradient.
    """

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        if isinstance(params, Tensor):
            raise TypeError("params: expected an iterable of tensors or mappings, found a tensor")
        if not hasattr(params, "__iter__"):
            instead = "; pass its parameters()" if hasattr(params, "parameters") else ""
            raise TypeError(f"params: expected an iterable of tensors, found {type(params).__name__}{instead}")
        self.defaults = defaults
        self.state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        # A subclass with a `step` of its own does not say when it is called.
        self._opt_called = type(self).step is not Optimizer.step
        groups: list[Any] = list(params)
        if not groups:
            raise InputError("params: the optimizer got an empty list of parameters")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for index, group in enumerate(self.param_groups):
            options = sorted((key, value) for key, value in group.items() if key != "params")
            lines += [f"Parameter Group {index}", *(f"    {key}: {value}" for key, value in options), ""]
        return "\n".join([*lines[:-1], ")"])

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds a group of parameters; options that it does not have are the optimizer's.

        Raises
        ------
        InputError
            A parameter is in a group already or is not a leaf, or some parameters have names and others do not.
        TypeError
            A parameter is not a `Tensor`.
        """
        if not isinstance(param_group, dict):
            raise TypeError(f"param_group: expected a dict, found {type(param_group).__name__}")
        params = param_group["params"]
        if isinstance(params, set):
            raise TypeError("params: expected a list, found a set, whose order differs between runs")
        entries = [params] if isinstance(params, Tensor) else list(params)
        names = [entry[0] for entry in entries if isinstance(entry, tuple)]
        tensors = [entry[1] if isinstance(entry, tuple) else entry for entry in entries]
        for tensor in tensors:
            _check_parameter(tensor)
        if names and len(names) != len(tensors):
            raise InputError("params: some parameters of the group have names and others do not")
        param_group["params"] = tensors
        if names:
            param_group["param_names"] = names
        for key, value in self.defaults.items():
            param_group.setdefault(key, value)
        known = {id(tensor) for group in self.param_groups for tensor in group["params"]}
        if any(("param_names" in group) != bool(names) for group in self.param_groups):
            raise InputError("params: the parameters of some groups have names and those of others do not")
        if not known.isdisjoint(map(id, tensors)):
            raise InputError("params: some parameters are in more than one group")
        if len({id(tensor) for tensor in tensors}) != len(tensors):
            warnings.warn("params: a parameter is in the group twice", stacklevel=3)
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Removes the gradients of all parameters, or sets their elements to zero."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none:
                    parameter.grad = None
                elif parameter.grad is not None:
                    with no_grad():
                        parameter.grad.zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Changes each parameter that has a gradient.

        Parameters
        ----------
        closure
            Computes the loss and the gradients first.

        Returns
        -------
        Any
            What the closure returned.
        """
        self._opt_called = True
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
                if parameters:
                    self._update(group, parameters)
        return loss

    def _update(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        """Changes the parameters of a group that have gradients."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, Any]:
        """The groups, with indices in place of parameters, and the state of each index."""
        indices: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            for parameter in group["params"]:
                indices.setdefault(id(parameter), len(indices))
            found = {key: value for key, value in group.items() if key != "params"}
            groups.append({**found, "params": [indices[id(parameter)] for parameter in group["params"]]})
        return {
            "state": {indices[id(parameter)]: state for parameter, state in self.state.items()},
            "param_groups": groups,
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Takes over the options and the state that `state_dict()` gave.

        Raises
        ------
        InputError
            The groups, or the numbers of their parameters, are not those of this optimizer.
        """
        saved = [dict(group) for group in state_dict["param_groups"]]
        check_groups(self.param_groups, saved)
        parameters: dict[Any, Tensor] = {}
        for group, new in zip(self.param_groups, saved, strict=True):
            parameters |= zip(new["params"], group["params"], strict=True)
        state: defaultdict[Tensor, dict[str, Any]] = defaultdict(dict)
        for index, values in state_dict["state"].items():
            parameter = parameters[index]
            state[parameter] = {key: self._loaded(parameter, key, value) for key, value in values.items()}
        for group, new in zip(self.param_groups, saved, strict=True):
            names = group.get("param_names")
            group_params = group["params"]
            group.clear()
            group |= {**copy.deepcopy({key: value for key, value in new.items() if key != "params"})}
            group["params"] = group_params
            if names is not None:
                group.setdefault("param_names", names)
        self.state = state

    def _loaded(self, parameter: Tensor, key: str, value: Any) -> Any:
        """A value of a loaded state, with the dtype and on the device of its parameter."""
        if not isinstance(value, Tensor):
            return copy.deepcopy(value)
        if key == "step" or not value.is_floating_point():
            return value.clone()
        return value.to(device=parameter.device, dtype=parameter.dtype, copy=True)


def check_groups(groups: Sequence[Mapping[str, Any]], saved: Sequence[Mapping[str, Any]]) -> None:
    """Checks that saved groups have the numbers of parameters that groups have.

    Raises
    ------
    InputError
        They differ.
    """
    if len(saved) != len(groups):
        raise InputError(f"state_dict: expected {len(groups)} groups of parameters, found {len(saved)}")
    for index, (group, new) in enumerate(zip(groups, saved, strict=True)):
        if len(group["params"]) != len(new["params"]):
            raise InputError(
                f"state_dict: expected {len(group['params'])} parameters in group {index}, found {len(new['params'])}"
            )


def _check_parameter(tensor: object) -> None:
    if not isinstance(tensor, Tensor):
        kind = f"{type(tensor).__module__}.{type(tensor).__qualname__}"
        other = "; the optimizers of torch.optim take tensors of torch" if kind.startswith("torch.") else ""
        raise TypeError(f"params: expected tensors of trustformers, found {kind}{other}")
    if not tensor.is_leaf:
        raise InputError("params: expected leaves, found a tensor that an operation has computed")


def refuse(options: Mapping[str, Any]) -> None:
    """Refuses arguments of torch's optimizers that are set and not supported."""
    for name, value in options.items():
        if value and name not in _IMPLEMENTATIONS:
            raise UnsupportedError(f"not supported: {name}={value!r} of optimizers; leave it out")


def check_number(name: str, value: Any, below: float | None = None) -> None:
    """Refuses a number that is negative, or not below a limit."""
    if not float(value) >= 0 or (below is not None and float(value) >= below):
        limit = "" if below is None else f" and below {below:g}"
        raise InputError(f"{name}: expected a number from 0{limit}, found {value}")
