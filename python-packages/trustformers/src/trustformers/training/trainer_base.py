"""What all parts of a trainer share: its attributes, its callbacks and its log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from trustformers._checks.tensors import as_array
from trustformers.training.results import speed_metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustformers.training.arguments import TrainingArguments
    from trustformers.training.callbacks import CallbackHandler, TrainerCallback
    from trustformers.training.processes import Processes
    from trustformers.training.scaling import GradScaler
    from trustformers.training.state import TrainerControl, TrainerState

__all__ = ["TrainerBase", "logger"]

logger: logging.Logger = logging.getLogger("trustformers")


class TrainerBase:
    """The attributes of a trainer, its callbacks and its log.

    Attributes
    ----------
    model, model_wrapped
        The model, which nothing wraps.
    optimizer, lr_scheduler
        The optimizer and the schedule; None until training begins.
    state, control
        How far training is, and what it does next.
    is_in_train
        Whether `train` is running.
    loss_is_scaled_for_ga
        Whether the loss of an overridden `compute_loss` is a share of the loss of the accumulated batch. If False, it
        is divided by the number of accumulation steps; by default that is so unless the model or `compute_loss_func`
        is given the number of items in the batch.
    """

    loss_is_scaled_for_ga: bool | None = None
    # What scripts ask of training on several devices and with other packages.
    is_model_parallel = False
    is_deepspeed_enabled = False
    is_fsdp_enabled = False
    place_model_on_device = True
    deepspeed = None
    hp_search_backend = None
    hub_model_id = None

    args: TrainingArguments
    model: Any
    model_wrapped: Any
    model_init: Callable[..., Any] | None
    data_collator: Callable[..., Any]
    train_dataset: Any
    eval_dataset: Any
    processing_class: Any
    compute_loss_func: Callable[..., Any] | None
    compute_metrics: Callable[..., Any] | None
    preprocess_logits_for_metrics: Callable[[Any, Any], Any] | None
    optimizer: Any
    lr_scheduler: Any
    optimizer_cls_and_kwargs: tuple[Any, dict[str, Any]] | None
    scaler: GradScaler | None
    callback_handler: CallbackHandler
    state: TrainerState
    control: TrainerControl
    label_names: list[str]
    label_smoother: Any
    model_accepts_loss_kwargs: bool
    can_return_loss: bool
    is_in_train: bool
    current_flos: float
    current_gradient_accumulation_steps: int
    _train_batch_size: int
    _processes: Processes
    _created_lr_scheduler: bool
    _initial_num_input_tokens_seen: int

    def add_callback(self, callback: type[TrainerCallback] | TrainerCallback) -> None:
        """Adds a callback: an object, or a class of which one is made."""
        self.callback_handler.add_callback(callback)

    def pop_callback(self, callback: type[TrainerCallback] | TrainerCallback) -> TrainerCallback | None:
        """Removes a callback, or the first of a class, and returns it; None if there is none."""
        return self.callback_handler.pop_callback(callback)

    def remove_callback(self, callback: type[TrainerCallback] | TrainerCallback) -> None:
        """Removes a callback, or the first of a class."""
        self.callback_handler.remove_callback(callback)

    def is_local_process_zero(self) -> bool:
        """Whether this is the main process of the machine."""
        return self.args.local_process_index == 0

    def is_world_process_zero(self) -> bool:
        """Whether this is the main process."""
        return self.args.process_index == 0

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Adds values to the log, with the epoch and the step, and gives them to callbacks.

        Parameters
        ----------
        logs
            The values, to which the epoch is added.
        start_time
            When training began, for the number of tokens per second.
        """
        if self.state.epoch is not None:
            logs["epoch"] = self.state.epoch
        if self.args.include_num_input_tokens_seen != "no":
            logs["num_input_tokens_seen"] = self.state.num_input_tokens_seen
            if start_time is not None:
                tokens = self.state.num_input_tokens_seen - self._initial_num_input_tokens_seen
                logs.update(speed_metrics("train", start_time, num_tokens=int(tokens)))
        self.state.log_history.append({**logs, "step": self.state.global_step})
        self.control = self.callback_handler.on_log(self.args, self.state, self.control, logs)

    def store_flos(self) -> None:
        """Adds the floating point operations since the last call to those of the state."""
        self.state.total_flos += self._processes.world.total(self.current_flos)
        self.current_flos = 0

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """The floating point operations of a step with these inputs: six for each token and weight."""
        tokens = inputs.get(getattr(self.model, "main_input_name", "input_ids"))
        if tokens is None or not hasattr(self.model, "num_parameters"):
            return 0
        count: int = self.model.num_parameters(exclude_embeddings=True)
        return 6 * _size(tokens) * count

    def _track_num_input_tokens(self, inputs: dict[str, Any]) -> None:
        """Counts tokens if the arguments ask for it."""
        how = self.args.include_num_input_tokens_seen
        name = getattr(self.model, "main_input_name", "input_ids")
        if how == "no":
            return
        if name not in inputs:
            logger.warning("include_num_input_tokens_seen: the batch has no %s to count", name)
            return
        pad = getattr(self.processing_class, "pad_token_id", None)
        if how == "non_padding" and "attention_mask" in inputs:
            count = int(np.sum(as_array(inputs["attention_mask"])))
        elif how == "non_padding" and pad is not None:
            count = int(np.count_nonzero(np.not_equal(as_array(inputs[name]), pad)))
        else:
            count = _size(inputs[name])
        self.state.num_input_tokens_seen += int(self._processes.world.total(count))


def _size(value: Any) -> int:
    return int(np.size(as_array(value)))
