"""Checks of the settings of a `Trainer`, before its first step."""

from __future__ import annotations

from dataclasses import fields
from enum import Enum
from numbers import Real
from typing import TYPE_CHECKING, Any, get_args

from trustformers.errors import InputError, UnsupportedError
from trustformers.training.optimizer_names import OptimizerNames, algorithm
from trustformers.training.processes import check_processes
from trustformers.training.strategies import HubStrategy, IntervalStrategy, SaveStrategy, SchedulerType
from trustformers.utils import logging

if TYPE_CHECKING:
    from trustformers.training.accelerator import AcceleratorConfig
    from trustformers.training.arguments import TrainingArguments

__all__ = ["check", "check_accelerator", "check_types", "convert"]

logger: logging.Logger = logging.get_logger(__name__)
_ENUMERATIONS: dict[str, type[Enum]] = {
    "eval_strategy": IntervalStrategy,
    "logging_strategy": IntervalStrategy,
    "save_strategy": SaveStrategy,
    "hub_strategy": HubStrategy,
    "lr_scheduler_type": SchedulerType,
    "optim": OptimizerNames,
}
_CHOICES = {
    "dataloader_multiprocessing_context": (None, "fork", "spawn", "forkserver"),
    "include_num_input_tokens_seen": ("all", "non_padding", "no"),
    "log_level": (*logging.log_levels, "passive"),
    "log_level_replica": (*logging.log_levels, "passive"),
    "train_sampling_strategy": ("random", "sequential", "group_by_length", "batch_rebalance"),
}
# Where None has no meaning.
_NEEDED = frozenset(
    {
        *("learning_rate", "weight_decay", "adam_beta1", "adam_beta2", "adam_epsilon", "warmup_steps", "seed"),
        *("per_device_train_batch_size", "per_device_eval_batch_size", "gradient_accumulation_steps"),
        *("max_steps", "num_train_epochs", "label_smoothing_factor", "dataloader_num_workers"),
    }
)
_POSITIVE_INTEGERS = ("per_device_train_batch_size", "per_device_eval_batch_size", "gradient_accumulation_steps")
_NOT_NEGATIVE = (
    "learning_rate",
    "weight_decay",
    "adam_epsilon",
    "warmup_steps",
    "eval_delay",
    "dataloader_num_workers",
)
# What is refused unless it is empty, and why.
_REFUSED = {
    "debug": "the engine reports no values inside models",
    "deepspeed": "models are not sharded",
    "fsdp": "models are not sharded",
    "neftune_noise_alpha": "token embeddings get no noise",
    "optim_target_modules": "there is no GaLore and no APOLLO",
    "parallelism_config": "models are not distributed",
    "push_to_hub": "nothing is uploaded; huggingface_hub.upload_folder uploads output_dir",
    "tf32": "the engine does not compute in TF32; bf16=True trains in mixed precision",
}
_WITHOUT_EFFECT = {
    "torch_compile": "the engine compiles no models",
    "use_liger_kernel": "the engine has fused kernels of its own",
}
_SCALE = 1_000_000
_METRIC = "metric_for_best_model"


def check_types(args: TrainingArguments, kind: type[TrainingArguments]) -> None:
    """Checks that numbers are numbers and switches no texts, such as those of a file of settings.

    Parameters
    ----------
    args
        The settings.
    kind
        The class whose fields are checked; classes of one's own add others.

    Raises
    ------
    InputError
        A setting is of another type.
    """
    for field in fields(kind):
        value = getattr(args, field.name)
        expected = _expected(field.type, value)
        if expected is not None and not (value is None and field.name not in _NEEDED):
            raise InputError(f"{field.name}: expected {expected}, found {value!r}")
    if isinstance(args.label_names, str):
        raise InputError(f"label_names: expected a list of names, found {args.label_names!r}")


def _expected(annotation: Any, value: Any) -> str | None:
    """What a field of a type takes; None if it takes the value."""
    kinds = set(get_args(annotation) or [annotation])
    if str in kinds or isinstance(value, bool):
        return None
    if float in kinds:
        return None if isinstance(value, Real) else "a number"
    if int in kinds:
        return None if isinstance(value, Real) and value == value // 1 else "an integer"
    return "True or False" if bool in kinds and isinstance(value, str) else None


def convert(args: TrainingArguments) -> None:
    """Replaces texts by the members of enumerations.

    Raises
    ------
    InputError
        An enumeration has no such member.
    """
    if isinstance(args.include_num_input_tokens_seen, bool):
        args.include_num_input_tokens_seen = "all" if args.include_num_input_tokens_seen else "no"
    if args.debug is None or isinstance(args.debug, str):
        args.debug = (args.debug or "").split()
    for name, kind in _ENUMERATIONS.items():
        value = getattr(args, name)
        try:
            setattr(args, name, kind(value))
        except ValueError:
            known = ", ".join(repr(member.value) for member in kind)
            raise InputError(f"{name}: expected one of {known}, found {value!r}") from None
    if args.torch_compile_mode is not None or args.torch_compile_backend is not None:
        args.torch_compile = True


def check(args: TrainingArguments) -> None:
    """Checks all settings.

    Raises
    ------
    InputError
        A setting is out of range, or contradicts another.
    UnsupportedError
        The engine cannot honour a setting.
    """
    _check_values(args)
    _check_steps(args)
    _check_precision(args)
    _check_best_model(args)
    _check_support(args)


def check_accelerator(config: AcceleratorConfig) -> None:
    """Takes out `use_configured_state`, which is not kept, and warns that it has no effect."""
    if config.pop("use_configured_state", False):
        logger.warning_once("use_configured_state=True in accelerator_config has no effect: accelerate is not used")


def _check_values(args: TrainingArguments) -> None:
    for name, known in _CHOICES.items():
        if getattr(args, name) not in known:
            listed = ", ".join(map(repr, known))
            raise InputError(f"{name}: expected one of {listed}, found {getattr(args, name)!r}")
    for name in _POSITIVE_INTEGERS:
        value = getattr(args, name)
        if isinstance(value, bool) or value < 1:
            raise InputError(f"{name}: expected an integer of at least 1, found {value!r}")
    for name in _NOT_NEGATIVE:
        # `set_evaluate` sets eval_delay to None by default.
        if not (getattr(args, name) or 0) >= 0:
            raise InputError(f"{name}: expected a number of at least 0, found {getattr(args, name)!r}")
    for name in ("adam_beta1", "adam_beta2"):
        if not 0 <= getattr(args, name) < 1:
            raise InputError(f"{name}: expected a number from 0 to below 1, found {getattr(args, name)!r}")
    if not 0 <= args.label_smoothing_factor <= 1:
        raise InputError(f"label_smoothing_factor: expected 0 to 1, found {args.label_smoothing_factor!r}")
    if (every := args.torch_empty_cache_steps) is not None and (not isinstance(every, int) or every < 1):
        raise InputError(f"torch_empty_cache_steps: expected an integer of at least 1, found {every!r}")
    if args.dataloader_num_workers == 0 and args.dataloader_prefetch_factor is not None:
        raise InputError("dataloader_prefetch_factor: expected dataloader_num_workers above 0 with it, found 0")


def _check_steps(args: TrainingArguments) -> None:
    if args.max_steps == 0:
        raise InputError(f"max_steps: expected at least 1, or -1 to train num_train_epochs, found {args.max_steps!r}")
    if args.max_steps < 0 and not args.num_train_epochs > 0:
        raise InputError(f"num_train_epochs: expected more than 0, found {args.num_train_epochs!r}")
    for kind in ("logging", "eval", "save"):
        name, strategy = f"{kind}_steps", getattr(args, f"{kind}_strategy")
        if strategy != IntervalStrategy.STEPS:
            continue
        value = getattr(args, name)
        # Without a positive number the last step alone is saved.
        if value is None or not (value > 0 or kind == "save"):
            raise InputError(f"{name}: expected more than 0 with {kind}_strategy='steps', found {value!r}")
        if value > 1:
            if value != int(value):
                raise InputError(f"{name}: expected an integer or a ratio below 1, found {value!r}")
            setattr(args, name, int(value))
    for name in ("reduce_lr_on_plateau", "greedy"):
        if args.lr_scheduler_type == name and args.eval_strategy == IntervalStrategy.NO:
            raise InputError(f"lr_scheduler_type={name!r}: expected an eval_strategy, found 'no'")


def _check_precision(args: TrainingArguments) -> None:
    for half, brain in (("fp16", "bf16"), ("fp16_full_eval", "bf16_full_eval")):
        if getattr(args, half) and getattr(args, brain):
            raise InputError(f"{half}=True and {brain}=True: expected at most one of them")


def _check_best_model(args: TrainingArguments) -> None:
    is_best = args.save_strategy == SaveStrategy.BEST
    evaluates = args.eval_strategy != IntervalStrategy.NO
    if is_best and args.metric_for_best_model is None:
        raise InputError(f"save_strategy='best': expected {_METRIC}, which selects the best checkpoint, found None")
    if not (is_best or args.load_best_model_at_end):
        return
    cause = "load_best_model_at_end=True" if args.load_best_model_at_end else "save_strategy='best'"
    if not evaluates:
        raise InputError(
            f"{cause}: expected an eval_strategy, whose evaluations report {_METRIC}={args.metric_for_best_model!r}, "
            "found 'no'"
        )
    if is_best:
        return
    saves, every = args.save_strategy, args.eval_strategy
    if saves != every:
        raise InputError(
            f"{cause}: expected the same save_strategy and eval_strategy, or save_strategy='best', "
            f"found save_strategy='{_text(saves)}' and eval_strategy='{_text(every)}'"
        )
    if every == IntervalStrategy.STEPS:
        _check_multiple(args.save_steps, float(args.eval_steps or 0), cause)


def _text(strategy: Enum | str) -> str:
    return str(strategy.value) if isinstance(strategy, Enum) else strategy


def _check_multiple(save_steps: float, eval_steps: float, cause: str) -> None:
    found = f"found save_steps={save_steps:g} and eval_steps={eval_steps:g}"
    is_ratio = save_steps < 1
    if is_ratio != (eval_steps < 1) and save_steps % eval_steps:
        raise InputError(f"{cause}: expected two numbers of steps or two ratios, {found}")
    # Ratios such as 0.3 and 0.1 have no exact remainder.
    scale = _SCALE if is_ratio else 1
    if (save_steps * scale) % (eval_steps * scale):
        raise InputError(f"{cause}: expected save_steps to be a multiple of eval_steps, {found}")


def _check_support(args: TrainingArguments) -> None:
    for name, reason in _REFUSED.items():
        if getattr(args, name):
            raise UnsupportedError(f"not supported: {name}={getattr(args, name)!r}; {reason}")
    if not args.skip_memory_metrics:
        raise UnsupportedError("not supported: skip_memory_metrics=False; memory is not measured, use tracemalloc")
    if isinstance(args.optim, OptimizerNames):
        algorithm(args.optim)
    if args.local_rank not in (-1, args.local_process_index):
        raise UnsupportedError(
            f"not supported: local_rank={args.local_rank!r} in the process {args.local_process_index} of this machine; "
            "start several with `trustformers launch`, and leave it out"
        )
    check_processes(args)
    for name, reason in _WITHOUT_EFFECT.items():
        if getattr(args, name):
            logger.warning_once(f"{name}={getattr(args, name)!r} has no effect: {reason}")
