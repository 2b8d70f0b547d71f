"""The optimizer, the schedule and the clipping of a trainer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustformers._native import Tensor
from trustformers.errors import InputError
from trustformers.models.submodules import LayerNorm
from trustformers.training.adafactor import Adafactor
from trustformers.training.adamw_8bit import AdamW8bit
from trustformers.training.clipping import clip_grad_norm_, clip_grads_with_norm_, get_total_norm
from trustformers.training.columns import unwrapped
from trustformers.training.loops import get_parameter_names
from trustformers.training.lr_scheduler import ReduceLROnPlateau
from trustformers.training.optimizer_names import OptimizerNames, algorithm
from trustformers.training.optimizers import SGD, AdamW
from trustformers.training.schedules import get_scheduler
from trustformers.training.sharded_optimizer import ZeroRedundancyOptimizer
from trustformers.training.trainer_losses import LossMixin

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustformers.training.arguments import TrainingArguments

__all__ = [
    "ALL_LAYERNORM_LAYERS",
    "OptimizationMixin",
    "get_learning_rates",
    "get_model_param_count",
    "get_num_trainable_parameters",
    "get_optimizer_group",
]

# Classes of modules whose parameters have no weight decay.
ALL_LAYERNORM_LAYERS: list[type[Any]] = [LayerNorm]
# Paths of parameters without weight decay, beside those in a LayerNorm: trainer.py of transformers, 5.23.0.
_WITHOUT_DECAY = [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]
_SGD_NUMBERS = ("momentum", "dampening", "weight_decay")


class OptimizationMixin(LossMixin):
    """Makes the optimizer and the schedule, and takes their steps."""

    # For type checkers, to which an assignment in a subclass is a declaration without a type.
    optimizer: Any
    lr_scheduler: Any

    def create_optimizer_and_scheduler(self, num_training_steps: int) -> None:
        """Makes the optimizer and the schedule, unless the trainer was given them; subclasses override it."""
        self.create_optimizer()
        self.create_scheduler(num_training_steps=num_training_steps)

    def create_optimizer(self, model: Any = None) -> Any:
        """The optimizer, which is made on the first call; subclasses override it.

        Parameters
        ----------
        model
            The model, by default that of the trainer.
        """
        model = self.model if model is None else model
        if self.optimizer is None:
            cls, kwargs = self.optimizer_cls_and_kwargs or self.get_optimizer_cls_and_kwargs(self.args, model)
            kwargs = dict(kwargs)
            groups = kwargs.pop("params", None) or self._parameter_groups(model)
            if self.args.optim_shard and self.args.world_size > 1 and isinstance(cls, type):
                self.optimizer = ZeroRedundancyOptimizer(groups, cls, **kwargs)
            else:
                self.optimizer = cls(groups, **kwargs) if isinstance(cls, type) else cls(model, **kwargs)
        return self.optimizer

    def _parameter_groups(self, model: Any) -> list[dict[str, Any]]:
        decayed = set(self.get_decay_parameter_names(model))
        trained = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
        if not trained:
            is_adapted = any(".lora_" in name for name, _ in model.named_parameters())
            instead = (
                "load its adapter with is_trainable=True" if is_adapted else "set requires_grad of those to be trained"
            )
            raise InputError(f"model: no parameter requires a gradient; {instead}")
        return [
            {
                "params": [parameter for name, parameter in trained if (name in decayed) == has_decay],
                "weight_decay": self.args.weight_decay if has_decay else 0.0,
            }
            for has_decay in (True, False)
        ]

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """The schedule, which is made on the first call; subclasses override it.

        Parameters
        ----------
        num_training_steps
            The number of steps of the training.
        optimizer
            The optimizer, by default that of the trainer.
        """
        if self.lr_scheduler is None:
            kwargs: Any = self.args.lr_scheduler_kwargs
            self.lr_scheduler = get_scheduler(
                self.args.lr_scheduler_type,
                optimizer=self.optimizer if optimizer is None else optimizer,
                num_warmup_steps=self.args.get_warmup_steps(num_training_steps),
                num_training_steps=num_training_steps,
                scheduler_specific_kwargs=kwargs,
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    @staticmethod
    def get_optimizer_cls_and_kwargs(args: TrainingArguments, model: Any = None) -> tuple[Any, dict[str, Any]]:
        """The class of the optimizer that the arguments name, and its arguments."""
        name = algorithm(OptimizerNames(args.optim))
        options = _options(args.optim_args)
        kwargs: dict[str, Any] = {"lr": args.learning_rate}
        if name == "adafactor":
            return Adafactor, {**kwargs, "scale_parameter": False, "relative_step": False}
        if name == "sgd":
            kwargs |= {key: float(options[key]) for key in _SGD_NUMBERS if key in options}
            if "nesterov" in options:
                kwargs["nesterov"] = options["nesterov"].lower() in ("true", "1", "yes")
            return SGD, kwargs
        kwargs |= {"betas": (args.adam_beta1, args.adam_beta2), "eps": args.adam_epsilon}
        if name == "adamw_8bit":
            return AdamW8bit, kwargs
        return AdamW, kwargs

    def get_decay_parameter_names(self, model: Any) -> list[str]:
        """Names of the parameters with weight decay: all but biases and those of norms."""
        return get_parameter_names(model, ALL_LAYERNORM_LAYERS, _WITHOUT_DECAY)

    def get_num_trainable_parameters(self) -> int:
        """The number of elements of the parameters that require gradients."""
        return sum(parameter.numel() for parameter in self.model.parameters() if parameter.requires_grad)

    def get_learning_rates(self) -> list[float]:
        """The learning rate of each group of parameters.

        Raises
        ------
        ValueError
            There is no optimizer.
        """
        return [group["lr"] for group in self._optimizer().param_groups]

    def get_optimizer_group(self, param: str | Tensor | None = None) -> Any:
        """The group of a parameter, or the parameters of all groups.

        Raises
        ------
        ValueError
            There is no optimizer.
        """
        groups = self._optimizer().param_groups
        if param is not None:
            if isinstance(param, str):
                param = dict(self.model.named_parameters()).get(param)
            for group in groups:
                if any(own is param for own in group["params"]):
                    return group
        return [group["params"] for group in groups]

    def _optimizer(self) -> Any:
        if self.optimizer is None:
            raise ValueError("optimizer: there is none before train() or create_optimizer()")
        return self.optimizer

    def _check_optimizer(self) -> None:
        """Checks that the optimizer has parameters of the model, and that calls use one that is trained.

        Raises
        ------
        InputError
            It has none, or those that are trained are of adapters that are disabled: training would not change the
            model.
        """
        own = {id(parameter) for parameter in self.model.parameters()}
        groups = getattr(self.optimizer, "param_groups", ())
        if groups and own.isdisjoint(id(parameter) for group in groups for parameter in group["params"]):
            raise InputError("optimizers: the optimizer has no parameter of the model; make it of model.parameters()")
        base = unwrapped(self.model)
        adapters = getattr(base, "_adapters", None)
        if adapters is not None and not adapters.is_enabled and not base._is_trainable:
            enabling = "enable_adapters()" if base is self.model else "base_model.enable_adapter_layers()"
            raise InputError(
                f"model: its adapters {', '.join(adapters.active)} are disabled, and nothing else of it is trained; "
                f"call model.{enabling} first"
            )

    @property
    def _waits_for_metrics(self) -> bool:
        """Whether the schedule takes its steps after evaluations."""
        return isinstance(self.lr_scheduler, ReduceLROnPlateau)

    def _get_learning_rate(self) -> float:
        """The learning rate of the first group."""
        groups = self.optimizer.param_groups
        return float(groups[0]["lr"] if self._waits_for_metrics else self.lr_scheduler.get_last_lr()[0])

    def _clip(self) -> float:
        """Clips gradients to the norm of the arguments; returns their norm before."""
        if self.scaler is not None:
            self.scaler.unscale_(self.optimizer)
        parameters = [parameter for parameter in self.model.parameters() if parameter.grad is not None]
        if isinstance(self.optimizer, ZeroRedundancyOptimizer):
            # This process has the gradients of its share alone.
            own = get_total_norm([parameter.grad for parameter in parameters if parameter.grad is not None])
            norm = self.optimizer.total_norm(float(own))
            if self.args.max_grad_norm > 0:
                clip_grads_with_norm_(parameters, self.args.max_grad_norm, Tensor(norm))
            return norm
        if self.args.max_grad_norm > 0:
            return float(clip_grad_norm_(parameters, self.args.max_grad_norm))
        return float(get_total_norm([parameter.grad for parameter in parameters if parameter.grad is not None]))

    def _optimizer_step(self) -> bool:
        """Takes a step of the optimizer; returns whether it was not skipped for gradients that are not finite."""
        if self.scaler is None:
            self.optimizer.step()
            return True
        skipped = self.scaler.num_skipped_steps
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return self.scaler.num_skipped_steps == skipped


# transformers has the methods as functions of a trainer too.
get_learning_rates: Callable[..., list[float]] = OptimizationMixin.get_learning_rates
get_num_trainable_parameters: Callable[..., int] = OptimizationMixin.get_num_trainable_parameters
get_optimizer_group: Callable[..., Any] = OptimizationMixin.get_optimizer_group


def get_model_param_count(model: Any, trainable_only: bool = False) -> int:
    """The number of elements of a model's parameters, or of those that require gradients."""
    parameters = model.parameters()
    return sum(parameter.numel() for parameter in parameters if parameter.requires_grad or not trainable_only)


def _options(text: str | None) -> dict[str, str]:
    """The pairs of `optim_args`, such as "momentum=0.9,nesterov=true"."""
    pairs = (part.partition("=") for part in (text or "").replace(" ", "").split(",") if part)
    return {key: value for key, _, value in pairs}
