"""The activation functions of `hidden_act`, for tensors of torch and of trustformers, and for NumPy arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers.errors import UnsupportedError
from trustformers.tensor.namespace import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustformers._views.activations import *  # noqa: F403

__all__ = [
    "ACT2FN",
    "gelu",
    "gelu_fast",
    "gelu_new",
    "gelu_python",
    "gelu_pytorch_tanh",
    "get_activation",
    "linear_act",
    "mish",
    "quick_gelu",
    "silu",
]


class Activation:
    """A function of each element, of what was given: a tensor for a tensor, an array for an array."""

    def __init__(self, name: str, function: Callable[[Any], Any]) -> None:
        self.name: str = name
        self._function = function

    def __call__(self, input: Any) -> Any:
        """The function of each element."""
        if isinstance(input, np.ndarray):
            return self._function(Tensor(input)).numpy()
        return self._function(input)

    def forward(self, input: Any) -> Any:
        """As calling it."""
        return self(input)

    def __repr__(self) -> str:
        return f"Activation({self.name!r})"


def _softplus(x: Any) -> Any:
    # Stable for large elements of either sign.
    return x.clamp(min=0) + (-x.abs()).exp().log1p()


def _gelu(x: Any) -> Any:
    return x * 0.5 * ((x / math.sqrt(2.0)).erf() + 1.0)


def _gelu_tanh(x: Any) -> Any:
    return x * 0.5 * ((math.sqrt(2.0 / math.pi) * (x + 0.044715 * x * x * x)).tanh() + 1.0)


def _gelu_fast(x: Any) -> Any:
    return x * 0.5 * ((x * 0.7978845608 * (1.0 + 0.044715 * x * x)).tanh() + 1.0)


def _leaky_relu(x: Any) -> Any:
    return x.clamp(min=0) + 0.01 * x.clamp(max=0)


def _hardswish(x: Any) -> Any:
    return x * (x + 3.0).clamp(0, 6) / 6.0


def _laplace(x: Any) -> Any:
    return 0.5 * (((x - 0.707107) / (0.282095 * math.sqrt(2.0))).erf() + 1.0)


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "gelu": _gelu,
    "gelu_10": lambda x: _gelu(x).clamp(-10, 10),
    "gelu_accurate": _gelu_tanh,
    "gelu_fast": _gelu_fast,
    "gelu_new": _gelu_tanh,
    "gelu_python": _gelu,
    "gelu_python_tanh": _gelu_tanh,
    "gelu_pytorch_tanh": _gelu_tanh,
    "hardswish": _hardswish,
    "laplace": _laplace,
    "leaky_relu": _leaky_relu,
    "linear": lambda x: x,
    "mish": lambda x: x * _softplus(x).tanh(),
    "quick_gelu": lambda x: x * (1.702 * x).sigmoid(),
    "relu": lambda x: x.clamp(min=0),
    "relu2": lambda x: x.clamp(min=0) * x.clamp(min=0),
    "relu6": lambda x: x.clamp(0, 6),
    "sigmoid": lambda x: x.sigmoid(),
    "silu": lambda x: x * x.sigmoid(),
    "sqrtsoftplus": lambda x: _softplus(x).sqrt(),
    "swish": lambda x: x * x.sigmoid(),
    "tanh": lambda x: x.tanh(),
}
# Activations with parameters are parts of a model, not functions.
_WITH_PARAMETERS = ("prelu", "xielu")


class _Activations(Mapping[str, Activation]):
    def __getitem__(self, name: str) -> Activation:
        if name in _WITH_PARAMETERS:
            raise UnsupportedError(f'not supported: ACT2FN["{name}"], which has parameters; torch.nn has such modules')
        return Activation(name, _FUNCTIONS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(_FUNCTIONS)

    def __len__(self) -> int:
        return len(_FUNCTIONS)


# The activations by the names that `hidden_act` has for them.
ACT2FN: Mapping[str, Activation] = _Activations()


def get_activation(activation_string: str) -> Activation:
    """The activation of a name.

    Raises
    ------
    KeyError
        There is no such activation.
    """
    if activation_string not in (*ACT2FN, *_WITH_PARAMETERS):
        raise KeyError(f"activation_string: expected one of {', '.join(ACT2FN)}, found {activation_string!r}")
    return ACT2FN[activation_string]


gelu: Activation = ACT2FN["gelu"]
gelu_fast: Activation = ACT2FN["gelu_fast"]
gelu_new: Activation = ACT2FN["gelu_new"]
gelu_python: Activation = ACT2FN["gelu_python"]
gelu_pytorch_tanh: Activation = ACT2FN["gelu_pytorch_tanh"]
linear_act: Activation = ACT2FN["linear"]
mish: Activation = ACT2FN["mish"]
quick_gelu: Activation = ACT2FN["quick_gelu"]
silu: Activation = ACT2FN["silu"]
