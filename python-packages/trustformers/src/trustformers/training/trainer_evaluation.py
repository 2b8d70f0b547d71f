"""Evaluation and prediction of a trainer."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from numbers import Real
from typing import Any

from trustformers.errors import InputError
from trustformers.tensor.autograd import no_grad
from trustformers.training.evaluation import denumpify_detensorize, nested_detach
from trustformers.training.loops import has_length
from trustformers.training.results import EvalLoopOutput, EvalPrediction, PredictionOutput, speed_metrics
from trustformers.training.state import TrainerControl
from trustformers.training.trainer_base import logger
from trustformers.training.trainer_data import DataMixin
from trustformers.training.trainer_gathering import Gathered, steps_of_all
from trustformers.training.trainer_optimization import OptimizationMixin

__all__ = ["EvaluationMixin"]

_PREDICTION = "Prediction"


class EvaluationMixin(OptimizationMixin, DataMixin):
    """Evaluates the model, and predicts with it."""

    # For type checkers, to which an assignment in a subclass is a declaration without a type.
    control: TrainerControl

    # Whether train() has been called; without it evaluations report the time that they take to prepare the model.
    _was_trained: bool

    def evaluate(
        self, eval_dataset: Any = None, ignore_keys: list[str] | None = None, metric_key_prefix: str = "eval"
    ) -> dict[str, float]:
        """The loss, what `compute_metrics` returns, and the speed.

        Parameters
        ----------
        eval_dataset
            The data set, by default that of the trainer. Of a mapping each data set is evaluated, with its name in that
            of its metrics.
        ignore_keys
            Outputs of the model that are no predictions.
        metric_key_prefix
            The beginning of the names of metrics.
        """
        is_own = eval_dataset is None
        eval_dataset = self.eval_dataset if is_own else eval_dataset
        if isinstance(eval_dataset, Mapping):
            found: dict[str, float] = {}
            for name, dataset in eval_dataset.items():
                found |= self.evaluate(name if is_own else dataset, ignore_keys, f"{metric_key_prefix}_{name}")
            return found
        dataloader = self.get_eval_dataloader(eval_dataset)
        start = time.time()
        output = self.evaluation_loop(
            dataloader,
            description="Evaluation",
            prediction_loss_only=True if self.compute_metrics is None else None,
            ignore_keys=ignore_keys,
            metric_key_prefix=metric_key_prefix,
        )
        metrics = self._with_speed(output, start, metric_key_prefix)
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def predict(
        self, test_dataset: Any, ignore_keys: list[str] | None = None, metric_key_prefix: str = "test"
    ) -> PredictionOutput:
        """The predictions and labels of a data set as arrays, and metrics as of `evaluate`.

        Rows of different lengths are padded with -100.

        Parameters
        ----------
        test_dataset
            The data set, with labels or without.
        ignore_keys
            Outputs of the model that are no predictions.
        metric_key_prefix
            The beginning of the names of metrics.
        """
        dataloader = self.get_test_dataloader(test_dataset)
        start = time.time()
        output = self.evaluation_loop(
            dataloader, description=_PREDICTION, ignore_keys=ignore_keys, metric_key_prefix=metric_key_prefix
        )
        metrics = self._with_speed(output, start, metric_key_prefix)
        self.control = self.callback_handler.on_predict(self.args, self.state, self.control, metrics)
        return PredictionOutput(output.predictions, output.label_ids, metrics)

    def _with_speed(self, output: EvalLoopOutput, start: float, prefix: str) -> dict[str, float]:
        metrics = output.metrics or {}
        count = output.num_samples or 0
        steps = math.ceil(count / (self.args.eval_batch_size * self.args.world_size))
        return metrics | speed_metrics(prefix, start, num_samples=count, num_steps=steps)

    def evaluation_loop(
        self,
        dataloader: Any,
        description: str,
        prediction_loss_only: bool | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> EvalLoopOutput:
        """Predicts the batches of a data loader, and computes metrics; `evaluate` and `predict` call it.

        Parameters
        ----------
        dataloader
            The batches.
        description
            What the log calls it.
        prediction_loss_only
            Whether to compute only the loss, by default as the arguments say.
        ignore_keys
            Outputs of the model that are no predictions.
        metric_key_prefix
            The beginning of the names of metrics.
        """
        args = self.args
        only_loss = args.prediction_loss_only if prediction_loss_only is None else prediction_loss_only
        if not self.is_in_train and (args.fp16_full_eval or args.bf16_full_eval):
            self.model.to(dtype="float16" if args.fp16_full_eval else "bfloat16")
        model = self.model
        logger.info("***** Running %s *****", description)
        if hasattr(model, "eval"):
            model.eval()
        if callable(prepare := getattr(self.optimizer, "eval", None)):
            prepare()
        self.callback_handler.eval_dataloader = dataloader
        keeps = not args.batch_eval_metrics or description == _PREDICTION
        world = self._processes.world
        gathered = Gathered(args, keeps, getattr(model, "main_input_name", "input_ids"), world)
        metrics: Any = None
        self._is_in_step = False
        for own_batch, is_last in steps_of_all(world, dataloader):
            loss = logits = labels = None
            if own_batch is not None:
                loss, logits, labels = self.prediction_step(model, own_batch, only_loss, ignore_keys=ignore_keys)
            if logits is not None and self.preprocess_logits_for_metrics is not None:
                logits = self.preprocess_logits_for_metrics(logits, labels)
            batch, logits, labels = gathered.add(own_batch, loss, logits, labels)
            self.control = self.callback_handler.on_prediction_step(args, self.state, self.control)
            if (
                args.batch_eval_metrics
                and self.compute_metrics is not None
                and logits is not None
                and labels is not None
            ):
                last = gathered.last(batch, logits, labels)
                metrics = self.compute_metrics(last, compute_result=is_last)
        found = gathered.everything()
        if self.compute_metrics is not None and not args.batch_eval_metrics and _is_complete(found):
            metrics = self.compute_metrics(found)
        metrics = self._named(metrics, gathered.mean_loss(), metric_key_prefix)
        dataset = getattr(dataloader, "dataset", None)
        count = len(dataset) if dataset is not None and has_length(dataset) else gathered.num_examples
        return EvalLoopOutput(found.predictions, found.label_ids, metrics, count or gathered.num_examples)

    def _named(self, metrics: Any, loss: float | None, prefix: str) -> dict[str, float]:
        """Metrics with the mean loss, under names with the prefix."""
        found = {} if metrics is None else denumpify_detensorize(metrics)
        if not isinstance(found, Mapping):
            raise InputError(f"compute_metrics: expected a dict of metrics, found {type(found).__name__}")
        if unnamed := [name for name in found if not isinstance(name, str)]:
            raise InputError(f"compute_metrics: expected names of metrics, found {unnamed[0]!r}")
        named: dict[str, float] = {}
        if loss is not None:
            named[f"{prefix}_loss"] = loss
        if not self._was_trained:
            named[f"{prefix}_model_preparation_time"] = 0.0
        return {
            **{name: value for name, value in found.items() if name.startswith(f"{prefix}_")},
            **named,
            **{f"{prefix}_{name}": value for name, value in found.items() if not name.startswith(f"{prefix}_")},
        }

    def prediction_step(
        self, model: Any, inputs: dict[str, Any], prediction_loss_only: bool, ignore_keys: list[str] | None = None
    ) -> tuple[Any, Any, Any]:
        """The loss, the predictions and the labels of a batch, each None if there is none; subclasses override it.

        Parameters
        ----------
        model
            The model.
        inputs
            The arguments of the model.
        prediction_loss_only
            Whether to return only the loss.
        ignore_keys
            Outputs of the model that are no predictions.
        """
        inputs = self._prepare_inputs(inputs)
        has_labels = bool(self.label_names) and all(inputs.get(name) is not None for name in self.label_names)
        returns_loss = inputs.get("return_loss")
        returns_loss = self.can_return_loss if returns_loss is None else returns_loss
        computes_loss = has_labels or (not self.label_names and bool(returns_loss))
        if ignore_keys is None:
            config = getattr(model, "config", None)
            ignore_keys = getattr(config, "keys_to_ignore_at_inference", ["past_key_values"])
        labels: Any = None
        if computes_loss:
            labels = nested_detach(tuple(inputs.get(name) for name in self.label_names))
            labels = labels[0] if len(labels) == 1 else labels
        loss = None
        with no_grad(), self.compute_loss_context_manager():
            if computes_loss:
                items = self._items_argument(self._get_num_items_in_batch([inputs]))
                loss, outputs = self.compute_loss(model, inputs, return_outputs=True, **items)
                loss = loss.detach().mean()
            else:
                outputs = model(**inputs)
        if prediction_loss_only:
            return loss, None, None
        left_out = {*ignore_keys, *(["loss"] if computes_loss else [])}
        if isinstance(outputs, Mapping):
            logits = tuple(value for name, value in outputs.items() if name not in left_out)
        else:
            logits = tuple(outputs[1:] if computes_loss else outputs)
        logits = nested_detach(logits)
        return loss, logits[0] if len(logits) == 1 else logits, labels

    def _evaluate(
        self, trial: Any = None, ignore_keys_for_eval: list[str] | None = None, skip_scheduler: bool = False
    ) -> dict[str, float]:
        """Evaluates during training, and takes the step of a schedule that waits for a metric."""
        metrics = self.evaluate(ignore_keys=ignore_keys_for_eval)
        if self._waits_for_metrics and not skip_scheduler:
            self.lr_scheduler.step(self._metric_of(metrics, self._metric_name or "eval_loss"))
        return metrics

    @property
    def _metric_name(self) -> str | None:
        """The name, in evaluations, of the metric that selects the best model."""
        name = self.args.metric_for_best_model
        return name if name is None or name.startswith("eval_") else f"eval_{name}"

    def _metric_of(self, metrics: Mapping[str, float], name: str) -> float:
        """A metric.

        Raises
        ------
        InputError
            Evaluations do not report it, or it is no number.
        """
        if name not in metrics:
            raise InputError(
                f"metric_for_best_model: expected one of the metrics that evaluations report, {', '.join(metrics)}; "
                f"found {self.args.metric_for_best_model}"
            )
        if not isinstance(metrics[name], Real):
            raise InputError(f"metric_for_best_model: expected a number for {name}, found {metrics[name]!r:.40}")
        return metrics[name]


def _is_complete(found: EvalPrediction) -> bool:
    return found.predictions is not None and found.label_ids is not None
