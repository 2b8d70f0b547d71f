"""Methods of `TrainingArguments` that set several settings at once."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NoReturn

from trustformers.errors import InputError, UnsupportedError
from trustformers.training.optimizer_names import OptimizerNames
from trustformers.training.strategies import IntervalStrategy, SaveStrategy, SchedulerType

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["ArgumentGroups"]


class ArgumentGroups:
    """Settings by what they are for; each method returns the same object."""

    def set_training(  # noqa: PLR0917  # the signature of transformers
        self,
        learning_rate: float = 5e-5,
        batch_size: int = 8,
        weight_decay: float = 0,
        num_epochs: float = 3,
        max_steps: int = -1,
        gradient_accumulation_steps: int = 1,
        seed: int = 42,
        activation_checkpointing: bool = False,
        gradient_checkpointing: bool | None = None,
    ) -> Self:
        """Sets what the training is, and `do_train`."""
        if gradient_checkpointing is not None:
            warnings.warn(
                "gradient_checkpointing is the former name of activation_checkpointing; use activation_checkpointing",
                FutureWarning,
                stacklevel=2,
            )
            activation_checkpointing = gradient_checkpointing
        return self._set(
            do_train=True,
            learning_rate=learning_rate,
            per_device_train_batch_size=batch_size,
            weight_decay=weight_decay,
            num_train_epochs=num_epochs,
            max_steps=max_steps,
            gradient_accumulation_steps=gradient_accumulation_steps,
            seed=seed,
            activation_checkpointing=activation_checkpointing,
            gradient_checkpointing=activation_checkpointing,
        )

    def set_evaluate(  # noqa: PLR0917  # the signature of transformers
        self,
        strategy: str | IntervalStrategy = "no",
        steps: int = 500,
        batch_size: int = 8,
        accumulation_steps: int | None = None,
        delay: float | None = None,
        loss_only: bool = False,
    ) -> Self:
        """Sets when and how the model is evaluated, and `do_eval`."""
        chosen = IntervalStrategy(strategy)
        _check_steps(chosen, steps)
        return self._set(
            eval_strategy=chosen,
            do_eval=chosen != IntervalStrategy.NO,
            eval_steps=steps,
            per_device_eval_batch_size=batch_size,
            eval_accumulation_steps=accumulation_steps,
            eval_delay=delay,
            prediction_loss_only=loss_only,
        )

    def set_testing(self, batch_size: int = 8, loss_only: bool = False) -> Self:
        """Sets how predictions are made, and `do_predict`."""
        return self._set(do_predict=True, per_device_eval_batch_size=batch_size, prediction_loss_only=loss_only)

    def set_save(
        self,
        strategy: str | IntervalStrategy | SaveStrategy = "steps",
        steps: int = 500,
        total_limit: int | None = None,
        on_each_node: bool = False,
    ) -> Self:
        """Sets when checkpoints are saved."""
        chosen = SaveStrategy(strategy)
        _check_steps(chosen, steps)
        return self._set(
            save_strategy=chosen, save_steps=steps, save_total_limit=total_limit, save_on_each_node=on_each_node
        )

    def set_logging(  # noqa: PLR0917  # the signature of transformers
        self,
        strategy: str | IntervalStrategy = "steps",
        steps: int = 500,
        report_to: str | list[str] = "none",
        level: str = "passive",
        first_step: bool = False,
        nan_inf_filter: bool = False,
        on_each_node: bool = False,
        replica_level: str = "passive",
    ) -> Self:
        """Sets when and where metrics are logged."""
        chosen = IntervalStrategy(strategy)
        _check_steps(chosen, steps)
        return self._set(
            logging_strategy=chosen,
            logging_steps=steps,
            report_to=report_to,
            log_level=level,
            logging_first_step=first_step,
            logging_nan_inf_filter=nan_inf_filter,
            log_on_each_node=on_each_node,
            log_level_replica=replica_level,
        )

    def set_push_to_hub(self, model_id: str, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Not supported: nothing is uploaded."""
        raise UnsupportedError(
            f"not supported: uploads to {model_id!r}; huggingface_hub.upload_folder uploads output_dir"
        )

    def set_optimizer(  # noqa: PLR0917  # the signature of transformers
        self,
        name: str | OptimizerNames = "adamw_torch",
        learning_rate: float = 5e-5,
        weight_decay: float = 0,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        args: str | None = None,
    ) -> Self:
        """Sets the optimizer."""
        return self._set(
            optim=OptimizerNames(name),
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            adam_beta1=beta1,
            adam_beta2=beta2,
            adam_epsilon=epsilon,
            optim_args=args,
        )

    def set_lr_scheduler(
        self,
        name: str | SchedulerType = "linear",
        num_epochs: float = 3.0,
        max_steps: int = -1,
        warmup_steps: float = 0,
    ) -> Self:
        """Sets the schedule of the learning rate."""
        return self._set(
            lr_scheduler_type=SchedulerType(name),
            num_train_epochs=num_epochs,
            max_steps=max_steps,
            warmup_steps=warmup_steps,
        )

    def set_dataloader(  # noqa: PLR0917  # the signature of transformers
        self,
        train_batch_size: int = 8,
        eval_batch_size: int = 8,
        drop_last: bool = False,
        num_workers: int = 0,
        pin_memory: bool = True,
        persistent_workers: bool = False,
        prefetch_factor: int | None = None,
        multiprocessing_context: str | None = None,
        in_order: bool = True,
        auto_find_batch_size: bool = False,
        ignore_data_skip: bool = False,
        sampler_seed: int | None = None,
    ) -> Self:
        """Sets how batches are made."""
        return self._set(
            per_device_train_batch_size=train_batch_size,
            per_device_eval_batch_size=eval_batch_size,
            dataloader_drop_last=drop_last,
            dataloader_num_workers=num_workers,
            dataloader_pin_memory=pin_memory,
            dataloader_persistent_workers=persistent_workers,
            dataloader_prefetch_factor=prefetch_factor,
            dataloader_multiprocessing_context=multiprocessing_context,
            dataloader_in_order=in_order,
            auto_find_batch_size=auto_find_batch_size,
            ignore_data_skip=ignore_data_skip,
            data_seed=sampler_seed,
        )

    def _set(self, **values: Any) -> Self:
        for name, value in values.items():
            setattr(self, name, value)
        return self


def _check_steps(strategy: IntervalStrategy | SaveStrategy, steps: float) -> None:
    if strategy == IntervalStrategy.STEPS and steps == 0:
        raise InputError(f"steps: expected more than 0 with strategy={strategy.value!r}, found 0")
