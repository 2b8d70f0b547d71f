"""AdamW whose state has 8 bits for each number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers import _native
from trustformers._native import zeros
from trustformers.errors import InputError, UnsupportedError
from trustformers.tensor.dtypes import float32, uint8
from trustformers.training.fused import is_fused
from trustformers.training.optimizers import AdamW, adam_options

if TYPE_CHECKING:
    from trustformers._native import Tensor
    from trustformers.training.optimizer_base import Params

__all__ = ["AdamW8bit"]

# Elements that share a scale, as in bitsandbytes.
_BLOCK = 256
_NAMES = ("exp_avg", "exp_avg_sq")


class AdamW8bit(AdamW):
    """AdamW with a state of two bytes for each element of a parameter instead of eight (arXiv 2110.02861).

    The moving averages are codes of bitsandbytes' dynamic map, and blocks of 256 elements share a scale.

    Parameters
    ----------
    params
        Parameters on the cpu, or groups of them.
    lr
        The learning rate.
    betas
        Coefficients of the moving averages of gradients and of their squares.
    eps
        Added to the denominator.
    weight_decay
        Parameters are multiplied by one minus its product with the learning rate.
    min_8bit_size
        The number of elements from which on a parameter's state has 8 bits.
    maximize
        Whether to maximize what the gradients are of.

    Examples
    --------
    >>> optimizer = AdamW8bit(model.parameters(), lr=5e-5)
    """

    def __init__(  # noqa: PLR0917  # as in bitsandbytes
        self,
        params: Params,
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        min_8bit_size: int = 4096,
        maximize: bool = False,
    ) -> None:
        if amsgrad:
            raise UnsupportedError("not supported: amsgrad with a state in 8 bits; use AdamW")
        if min_8bit_size < 1:
            raise InputError(f"min_8bit_size: expected one from 1, found {min_8bit_size}")
        self.min_8bit_size = min_8bit_size
        super().__init__(params, lr, betas, eps, weight_decay, maximize=maximize)

    def _has_codes(self, parameter: Tensor) -> bool:
        return parameter.numel() >= self.min_8bit_size

    def _averages(self, parameter: Tensor, group: dict[str, Any]) -> dict[str, Tensor]:
        if not self._has_codes(parameter):
            return super()._averages(parameter, group)
        if not is_fused(parameter):
            raise UnsupportedError(
                f"not supported: a state in 8 bits of a parameter of {parameter.dtype} on {parameter.device}; use "
                "AdamW for parameters that are not of float32 or bfloat16 on the cpu"
            )
        blocks = -(-parameter.numel() // _BLOCK)
        codes = {name: zeros(*parameter.shape, dtype=uint8) for name in _NAMES}
        return {**codes, **{f"{name}_scale": zeros(blocks, dtype=float32) for name in _NAMES}}

    def _update(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        with_codes = [parameter for parameter in parameters if self._has_codes(parameter)]
        super()._update(group, [parameter for parameter in parameters if not self._has_codes(parameter)])
        if not with_codes:
            return
        states = self._advanced(group, with_codes)
        first, second = _NAMES
        codes = ([state[first] for state in states], [state[second] for state in states])
        scales = ([state[f"{first}_scale"] for state in states], [state[f"{second}_scale"] for state in states])
        steps = [float(state["step"]) for state in states]
        if not _native._adam_8bit(with_codes, codes, scales, steps, adam_options(group)):
            raise UnsupportedError(
                "not supported: a state in 8 bits of parameters that are views or are in a group twice; use AdamW"
            )

    def _loaded(self, parameter: Tensor, key: str, value: Any) -> Any:
        return value.clone() if key.endswith("_scale") else super()._loaded(parameter, key, value)
