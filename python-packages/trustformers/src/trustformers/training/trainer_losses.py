"""The loss of a training step, as the share of a batch in the loss of the batches that are accumulated."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, nullcontext
from numbers import Real
from typing import Any

import numpy as np

from trustformers import _native
from trustformers._checks.arguments import kind
from trustformers._checks.tensors import as_array, kind_of
from trustformers.errors import InputError, OutOfMemoryError
from trustformers.training.classes import check_batch, has_own_loss, num_classes
from trustformers.training.mixed_precision import autocast
from trustformers.training.trainer_base import TrainerBase, logger

__all__ = ["LossMixin"]

_IGNORED = -100
# Dtypes of autocast by the names that accelerate gives mixed precision.
_AUTOCAST = {"fp16": "float16", "bf16": "bfloat16"}


class LossMixin(TrainerBase):
    """Computes losses and gradients."""

    # Whether the current loss is that of a training step, which all processes take.
    _is_in_step = False
    # Whether the number of labels in a batch leaves out the first of each row, as transformers counts for this class.
    _loss_shifts_labels: bool

    def compute_loss_context_manager(self) -> ExitStack:
        """The context in which losses are computed: mixed precision, if the arguments ask for it."""
        stack = ExitStack()
        stack.enter_context(self.autocast_smart_context_manager())
        return stack

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The loss of a batch; subclasses override it.

        Parameters
        ----------
        model
            The model.
        inputs
            The arguments of the model.
        return_outputs
            Whether to return a pair of the loss and the outputs.
        num_items_in_batch
            The number of labels in all accumulated batches; the loss is the share of this batch in their mean loss.

        Returns
        -------
        Tensor
            The loss.

        Raises
        ------
        InputError
            The model returns no loss, which it computes from labels.
        """
        labels = None
        if (self.label_smoother is not None or self.compute_loss_func is not None) and "labels" in inputs:
            inputs = dict(inputs)
            labels = inputs.pop("labels")
        items = None
        if num_items_in_batch is not None and self.model_accepts_loss_kwargs and labels is None:
            items = self._count_items(inputs, shifts=self._is_causal_lm)
        if items == 0 and float(num_items_in_batch) > 0:
            # The mean over no labels is not a number; the share of this batch is zero.
            outputs = model(**{name: value for name, value in inputs.items() if name not in self.label_names})
            loss = (outputs["logits"] if isinstance(outputs, Mapping) else outputs[0]).sum() * 0.0
            balance = _balance_of(model, outputs)
            loss = loss if balance is None else loss + balance
            return (loss, outputs) if return_outputs else loss
        outputs = model(**inputs)
        if self.compute_loss_func is not None:
            if labels is None:
                logger.warning("compute_loss_func is called without labels, as the batch has none")
            loss = self.compute_loss_func(outputs, labels, num_items_in_batch=num_items_in_batch)
            loss = self._as_share_of_mean(loss, num_items_in_batch)
        elif labels is not None:
            loss = self.label_smoother(
                outputs, labels, shift_labels=self._is_causal_lm, num_items_in_batch=num_items_in_batch
            )
            if self.model_accepts_loss_kwargs:
                loss = self._as_share_of_mean(loss, num_items_in_batch)
        else:
            loss = _loss_of(outputs, inputs)
            share = 1.0 if items is None else items * self._num_counted_ranks / float(num_items_in_batch)
            if share != 1:
                balance = _balance_of(model, outputs)
                loss = loss * share if balance is None else loss * share + balance * (1 - share)
        return (loss, outputs) if return_outputs else loss

    @property
    def _num_counted_ranks(self) -> int:
        """The number of processes whose labels `num_items_in_batch` counts: in evaluations this one alone."""
        counts_all = self.args.average_tokens_across_devices and self._is_in_step
        return self._processes.world.size if counts_all else 1

    def _as_share_of_mean(self, loss: Any, num_items_in_batch: Any) -> Any:
        """A loss that is a share of the sum over all processes, so that their mean is that sum."""
        return loss if num_items_in_batch is None or self._num_counted_ranks == 1 else loss * self._num_counted_ranks

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:
        """Adds the gradients of a batch to those of the parameters.

        Parameters
        ----------
        model
            The model.
        inputs
            The arguments of the model.
        num_items_in_batch
            The number of labels in all accumulated batches.

        Returns
        -------
        Tensor
            The loss, without its graph.

        Raises
        ------
        InputError
            `compute_loss` returns no tensor of one element that requires a gradient.
        OutOfMemoryError
            The machine has too little memory for the batch.
        """
        model.train()
        if callable(prepare := getattr(self.optimizer, "train", None)):
            prepare()
        inputs = self._prepare_inputs(inputs)
        try:
            with self.compute_loss_context_manager():
                loss = self.compute_loss(model, inputs, **self._items_argument(num_items_in_batch))
            _check_loss(loss)
            if not self._is_scaled(num_items_in_batch):
                loss = loss * self._share_of(inputs)
            (loss if self.scaler is None else self.scaler.scale(loss)).backward()
        except MemoryError as error:
            raise self._out_of_memory(inputs) from error
        return loss.detach()

    def get_batch_samples(self, epoch_iterator: Iterator[Any], num_batches: int, device: Any = None) -> tuple[Any, Any]:
        """The next batches, and the number of labels in them; None if the loss does not depend on it."""
        batches = [batch for _, batch in zip(range(num_batches), epoch_iterator, strict=False)]
        self._is_in_step = True
        return batches, self._get_num_items_in_batch(batches, device)

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: Any = None) -> Any:
        """The number of labels in batches as a tensor; None if the loss does not depend on it."""
        if not (self.model_accepts_loss_kwargs or self.compute_loss_func is not None):
            return None
        counts = [self._count_items(batch, shifts=self._loss_shifts_labels) for batch in batch_samples]
        if self._num_counted_ranks > 1:
            counts = [count for own in self._processes.world.gather(counts, "number of labels") for count in own]
        found = [count for count in counts if count is not None]
        return _native.Tensor(np.array(sum(found))) if found and len(found) == len(counts) else None

    def _count_items(self, inputs: Any, *, shifts: bool) -> int | None:
        """The number of labels that have a loss; None without labels.

        Parameters
        ----------
        inputs
            The arguments of the model.
        shifts
            Whether the first label of each row has none.
        """
        if not isinstance(inputs, Mapping):
            return None
        labels = inputs.get("shift_labels")
        shifts = shifts and labels is None
        labels = inputs.get("labels") if labels is None else labels
        if labels is None:
            positions = inputs.get("start_positions")
            return None if positions is None else int(np.size(as_array(positions)))
        array = np.asarray(as_array(labels))
        if array.dtype.kind == "f":
            return array.size
        return int(np.count_nonzero((array[..., 1:] if shifts else array) != _IGNORED))

    def _items_argument(self, num_items_in_batch: Any) -> dict[str, Any]:
        """The argument of `compute_loss`, which those of subclasses for transformers before 4.46 do not have."""
        parameters = inspect.signature(self.compute_loss).parameters
        takes = "num_items_in_batch" in parameters or any(one.kind is one.VAR_KEYWORD for one in parameters.values())
        return {"num_items_in_batch": num_items_in_batch} if takes else {}

    def _is_scaled(self, num_items_in_batch: Any) -> bool:
        """Whether the loss is a share of the accumulated batch's."""
        if self.loss_is_scaled_for_ga is not None:
            return self.loss_is_scaled_for_ga
        if not self._items_argument(num_items_in_batch):
            return False
        return self.compute_loss_func is not None or (self.model_accepts_loss_kwargs and num_items_in_batch is not None)

    def _share_of(self, inputs: dict[str, Any]) -> float:
        """The share of a batch's mean loss in that of the accumulated batches, which are of one size."""
        return 1 / self.current_gradient_accumulation_steps

    def _prepare_inputs(self, inputs: Any) -> dict[str, Any]:
        """The arguments of the model, with tensors in place of arrays.

        Raises
        ------
        InputError
            The batch is empty, is no mapping of arrays, or has labels that are no classes.
        """
        if not isinstance(inputs, Mapping):
            raise InputError(f"data_collator: expected a mapping of arrays, found {type(inputs).__name__}")
        if not inputs:
            raise InputError("data_collator: the batch is empty; the dataset has no columns that the model takes")
        found = {name: _prepared(name, value) for name, value in inputs.items()}
        if not has_own_loss(self) and not {"input_ids", "inputs_embeds"} & found.keys():
            raise InputError(
                f"data_collator: the batch has {', '.join(found)}, and {type(self.model).__name__} needs input_ids or "
                "inputs_embeds; tokenize the texts"
            )
        classes = num_classes(self)
        if classes is not None and found.get("labels") is not None:
            check_batch(found["labels"], classes)
        return found

    def _out_of_memory(self, inputs: Mapping[str, Any]) -> OutOfMemoryError:
        shapes = ", ".join(f"{name} {tuple(value.shape)}" for name, value in inputs.items() if hasattr(value, "shape"))
        return OutOfMemoryError(
            f"step {self.state.global_step + 1}: too little memory for the batch with {shapes}; lower "
            f"per_device_train_batch_size ({self._train_batch_size}) and raise gradient_accumulation_steps by the same "
            "factor, or shorten the examples"
        )

    @property
    def _is_causal_lm(self) -> bool:
        """Whether the loss of a position is that of the next label."""
        return getattr(self.model, "base_head", None) == "causal_lm"

    def autocast_smart_context_manager(self, cache_enabled: bool | None = True) -> Any:
        """The context of mixed precision, if the arguments ask for it."""
        precision = self.args.mixed_precision
        return autocast("cpu", _AUTOCAST[precision]) if precision in _AUTOCAST else nullcontext()


def _check_loss(loss: Any) -> None:
    """Checks that a loss has a backward pass.

    Raises
    ------
    InputError
        It is no tensor of one element that requires a gradient.
    """
    if not callable(getattr(loss, "backward", None)):
        found = type(loss).__name__ if isinstance(loss, (tuple, np.ndarray)) else kind(loss)
        raise InputError(
            f"compute_loss: expected a Tensor of one element, found {found}; compute it from tensors of the model's "
            "outputs"
        )
    if loss.numel() != 1:
        raise InputError(
            f"compute_loss: expected a loss of one element, found shape {list(loss.shape)}; take its mean()"
        )
    if not loss.requires_grad:
        raise InputError(
            "compute_loss: the loss requires no gradient; compute it from the model's outputs without detach(), "
            "no_grad() and arrays"
        )


def _balance_of(model: Any, outputs: Any) -> Any:
    """What the load-balancing loss of experts adds to the loss, which no share of a batch scales; None without it."""
    found = outputs.get("aux_loss") if isinstance(outputs, Mapping) else None
    return None if found is None else found * model.config.router_aux_loss_coef


def _loss_of(outputs: Any, inputs: Mapping[str, Any]) -> Any:
    if isinstance(outputs, Mapping):
        if outputs.get("loss") is None:
            raise InputError(
                f"the model returned no loss, only {', '.join(outputs)}; it computes one from labels, and the batch "
                f"has {', '.join(inputs)}"
            )
        return outputs["loss"]
    return outputs[0]


def _prepared(name: str, value: Any) -> Any:
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (Real, list, tuple, type(None))):
        value = _array_of(name, value)
    kind = kind_of(value) if hasattr(value, "tolist") else None
    if kind == "pt":
        return _native.Tensor.from_torch(value)
    if kind == "np":
        if value.dtype.kind in "OUS":
            raise InputError(f"data_collator: {name} of the batch is an array of {value.dtype}; expected numbers")
        return _native.Tensor.from_numpy(value)
    if isinstance(value, (str, bytes)) or (isinstance(value, (list, tuple)) and value and isinstance(value[0], str)):
        raise _text(name)
    return value


def _array_of(name: str, rows: Any) -> Any:
    try:
        array = np.array(rows)
    except ValueError:
        raise InputError(
            f"data_collator: {name} of the batch has rows of different lengths; pad them, for example with "
            "DataCollatorWithPadding"
        ) from None
    if array.dtype.kind in "US":
        raise _text(name)
    return array


def _text(name: str) -> InputError:
    return InputError(f"data_collator: {name} of the batch is text; expected arrays, such as those of a tokenizer")
