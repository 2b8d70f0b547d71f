"""The names of optimizers."""

from __future__ import annotations

from trustformers.errors import UnsupportedError
from trustformers.utils.enums import ExplicitEnum

__all__ = ["OptimizerNames", "algorithm"]


class OptimizerNames(ExplicitEnum):
    """Values of `TrainingArguments.optim`."""

    ADAMW_TORCH = "adamw_torch"
    ADAMW_TORCH_FUSED = "adamw_torch_fused"
    ADAMW_TORCH_XLA = "adamw_torch_xla"
    ADAMW_TORCH_NPU_FUSED = "adamw_torch_npu_fused"
    ADAFACTOR = "adafactor"
    ADAMW_ANYPRECISION = "adamw_anyprecision"
    ADAMW_TORCH_4BIT = "adamw_torch_4bit"
    ADAMW_TORCH_8BIT = "adamw_torch_8bit"
    ADEMAMIX = "ademamix"
    SGD = "sgd"
    ADAGRAD = "adagrad"
    ADAMW_BNB = "adamw_bnb_8bit"
    ADAMW_8BIT = "adamw_8bit"
    ADEMAMIX_8BIT = "ademamix_8bit"
    LION_8BIT = "lion_8bit"
    LION = "lion_32bit"
    PAGED_ADAMW = "paged_adamw_32bit"
    PAGED_ADAMW_8BIT = "paged_adamw_8bit"
    PAGED_ADEMAMIX = "paged_ademamix_32bit"
    PAGED_ADEMAMIX_8BIT = "paged_ademamix_8bit"
    PAGED_LION = "paged_lion_32bit"
    PAGED_LION_8BIT = "paged_lion_8bit"
    RMSPROP = "rmsprop"
    RMSPROP_BNB = "rmsprop_bnb"
    RMSPROP_8BIT = "rmsprop_bnb_8bit"
    RMSPROP_32BIT = "rmsprop_bnb_32bit"
    GALORE_ADAMW = "galore_adamw"
    GALORE_ADAMW_8BIT = "galore_adamw_8bit"
    GALORE_ADAFACTOR = "galore_adafactor"
    GALORE_ADAMW_LAYERWISE = "galore_adamw_layerwise"
    GALORE_ADAMW_8BIT_LAYERWISE = "galore_adamw_8bit_layerwise"
    GALORE_ADAFACTOR_LAYERWISE = "galore_adafactor_layerwise"
    LOMO = "lomo"
    ADALOMO = "adalomo"
    GROKADAMW = "grokadamw"
    SCHEDULE_FREE_RADAM = "schedule_free_radam"
    SCHEDULE_FREE_ADAMW = "schedule_free_adamw"
    SCHEDULE_FREE_SGD = "schedule_free_sgd"
    APOLLO_ADAMW = "apollo_adamw"
    APOLLO_ADAMW_LAYERWISE = "apollo_adamw_layerwise"
    STABLE_ADAMW = "stable_adamw"


# Paging moves the states of an optimizer between memories and changes no number.
_ALGORITHMS = {
    OptimizerNames.ADAMW_TORCH: "adamw",
    OptimizerNames.ADAMW_TORCH_FUSED: "adamw",
    OptimizerNames.PAGED_ADAMW: "adamw",
    OptimizerNames.ADAMW_8BIT: "adamw_8bit",
    OptimizerNames.ADAMW_BNB: "adamw_8bit",
    OptimizerNames.PAGED_ADAMW_8BIT: "adamw_8bit",
    OptimizerNames.ADAMW_TORCH_8BIT: "adamw_8bit",
    OptimizerNames.ADAFACTOR: "adafactor",
    OptimizerNames.SGD: "sgd",
}


def algorithm(name: OptimizerNames) -> str:
    """The optimizer of a name: "adamw", "adamw_8bit", "adafactor" or "sgd".

    Raises
    ------
    UnsupportedError
        There is no such optimizer here.
    """
    if name not in _ALGORITHMS:
        known = ", ".join(repr(one.value) for one in _ALGORITHMS)
        raise UnsupportedError(
            f"not supported: optim={name.value!r}; supported are {known}; "
            "or pass an optimizer of your own to the Trainer as optimizers=(optimizer, lr_scheduler)"
        )
    return _ALGORITHMS[name]
