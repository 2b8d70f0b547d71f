"""Names of `TrainingArguments` in transformers 4 that version 5 does not have."""

from __future__ import annotations

import inspect
import warnings
from abc import ABCMeta
from numbers import Real
from typing import TYPE_CHECKING, Any

from trustformers.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AcceptsFormerArguments", "translate"]

# Names whose values keep their meaning under another name.
_RENAMED = {
    "evaluation_strategy": "eval_strategy",
    "no_cuda": "use_cpu",
    "per_gpu_eval_batch_size": "per_device_eval_batch_size",
    "per_gpu_train_batch_size": "per_device_train_batch_size",
    "push_to_hub_model_id": "hub_model_id",
    "push_to_hub_token": "hub_token",
}
# Switches, by what setting them means.
_SWITCHES: dict[str, tuple[str, Any]] = {
    "adafactor": ("optim", "adafactor"),
    "evaluate_during_training": ("eval_strategy", "steps"),
    "group_by_length": ("train_sampling_strategy", "group_by_length"),
    "include_inputs_for_metrics": ("include_for_metrics", ["inputs"]),
    "include_tokens_per_second": ("include_num_input_tokens_seen", "all"),
}
_ACCELERATOR = ("dispatch_batches", "split_batches")
# Names that scripts and callbacks read again, and that change no number.
_KEPT = ("logging_dir", "overwrite_output_dir")
# Names that had one meaningful value left, by their harmless values and what to do instead of the others.
_WITHOUT_EFFECT: dict[str, tuple[tuple[Any, ...], str]] = {
    "fp16_backend": (("auto", "amp", "cpu_amp", "cuda_amp"), "fp16=True trains in mixed precision"),
    "fp16_opt_level": (("O0", "O1"), "fp16=True trains in mixed precision"),
    "fsdp_min_num_params": ((0, None), "models are not sharded"),
    "fsdp_transformer_layer_cls_to_wrap": ((None,), "models are not sharded"),
    "half_precision_backend": (("auto", "amp", "cpu_amp", "cuda_amp"), "fp16=True trains in mixed precision"),
    "jit_mode_eval": ((False,), "the engine compiles no models"),
    "mp_parameters": (("", None), "models are not distributed by SageMaker"),
    "past_index": ((-1,), "states of earlier steps are not given to the model"),
    "push_to_hub_organization": ((None,), "use hub_model_id='organization/name'"),
    "ray_scope": (("last", "all", None), "hyperparameters are not searched"),
    "save_safetensors": ((True,), "weights are always saved as safetensors"),
    "sharded_ddp": (("", None, False), "models are not sharded"),
    "torchdynamo": ((None,), "the engine compiles no models"),
    "tpu_metrics_debug": ((False, None), "there is no backend of TPUs"),
    "tpu_num_cores": ((None,), "there is no backend of TPUs"),
    "use_ipex": ((False,), "the engine has its own kernels"),
    "use_legacy_prediction_loop": ((False,), "there is one prediction loop"),
    "use_mps_device": ((True, False), "an available GPU is used unless use_cpu=True"),
    "xpu_backend": ((None,), "there is no backend of this device"),
}
_FORMER = {*_RENAMED, *_SWITCHES, *_ACCELERATOR, *_KEPT, *_WITHOUT_EFFECT, "warmup_ratio"}


def translate(given: Mapping[str, Any], known: set[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments by their present names, and former ones that stay attributes.

    Parameters
    ----------
    given
        The arguments of a call.
    known
        The fields of the class; a class of one's own may have a former name as a field.

    Raises
    ------
    InputError
        A former and a present name contradict each other.
    UnsupportedError
        A value of a former name cannot be honoured.
    """
    arguments = {name: value for name, value in given.items() if name in known or name not in _FORMER}
    kept: dict[str, Any] = {}
    for name, value in given.items():
        if name in arguments:
            continue
        instead: str | None = None
        if name in _RENAMED:
            instead = _RENAMED[name]
            if value is not None:
                _put(arguments, instead, value, name)
        elif name in _SWITCHES:
            instead, meaning = _SWITCHES[name]
            if value:
                _put(arguments, instead, meaning, name)
            instead = f"{instead}={meaning!r}"
        elif name == "warmup_ratio":
            instead = "warmup_steps"
            _warm_up(arguments, value)
        elif name in _ACCELERATOR:
            instead = f"accelerator_config={{{name!r}: {value!r}}}"
            if value is not None:
                arguments["accelerator_config"] = {**(arguments.get("accelerator_config") or {}), name: value}
        elif name in _KEPT:
            instead = "the environment variable TENSORBOARD_LOGGING_DIR" if name == "logging_dir" else None
            kept[name] = value
        else:
            harmless, reason = _WITHOUT_EFFECT[name]
            if value not in harmless:
                raise UnsupportedError(f"not supported: {name}={value!r}, which transformers 5 has not; {reason}")
        advice = f"use {instead}" if instead else "leave it out"
        warnings.warn(f"{name} is a name of transformers 4; {advice}", FutureWarning, stacklevel=3)
    return arguments, kept


def _put(arguments: dict[str, Any], name: str, value: Any, former: str) -> None:
    if name in arguments and arguments[name] != value:
        raise InputError(
            f"{former}={value!r} and {name}={arguments[name]!r}: expected one of them; {former} is the former name"
        )
    arguments[name] = value


def _warm_up(arguments: dict[str, Any], ratio: float | None) -> None:
    if ratio is None:
        return
    if not isinstance(ratio, Real) or not 0 <= ratio < 1:
        raise InputError(f"warmup_ratio: expected a ratio from 0 to below 1, found {ratio!r}; use warmup_steps")
    # Version 4 uses the ratio only without a number of steps.
    if not arguments.get("warmup_steps"):
        arguments["warmup_steps"] = ratio


def _types() -> dict[str, type]:
    """The types that command lines have for former names."""
    found: dict[str, type] = {
        name: str if value[0] is None else type(value[0]) for name, (value, _) in _WITHOUT_EFFECT.items()
    }
    found |= dict.fromkeys((*_SWITCHES, *_ACCELERATOR, "no_cuda", "overwrite_output_dir"), bool)
    found |= dict.fromkeys(("per_gpu_eval_batch_size", "per_gpu_train_batch_size"), int)
    found |= {"warmup_ratio": float}
    return {name: found.get(name, str) for name in sorted(_FORMER)}


class AcceptsFormerArguments(ABCMeta):
    """The class of dataclasses that are called with former names of their fields too."""

    # Type checkers take the fields for the parameters.
    if not TYPE_CHECKING:

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            """An instance; former names give a warning."""
            arguments, kept = translate(kwargs, set(getattr(cls, "__dataclass_fields__", ())))
            instance = super().__call__(*args, **arguments)
            vars(instance).update(kept)
            return instance

    @property
    def __signature__(cls) -> inspect.Signature:
        """The parameters of a class, which are its fields."""
        whole = inspect.signature(cls.__init__)  # type: ignore[misc]  # of the class itself
        return whole.replace(parameters=[*whole.parameters.values()][1:])

    @property
    def former_names(cls) -> dict[str, type]:
        """The former names that are no fields of the class, with the types of their values."""
        fields = getattr(cls, "__dataclass_fields__", ())
        return {name: kind for name, kind in _types().items() if name not in fields}
