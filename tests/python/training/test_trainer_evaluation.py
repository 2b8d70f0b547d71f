"""Evaluation and prediction with `Trainer`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trainer_cases import GOLDENS, classifier, language_model, padded, rows, tokens, trainer
from trustformers.errors import InputError


def accuracy(found: tf.EvalPrediction) -> dict[str, Any]:
    return {"accuracy": (found.predictions.argmax(-1) == found.label_ids).mean()}


def token_classifier() -> Any:
    options: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "num_labels": 83}
    return tf.AutoModelForTokenClassification.from_pretrained(
        GOLDENS / "encoders/bert", ignore_mismatched_sizes=True, dtype="float32", **options
    )


def test_an_evaluation_reports_the_mean_loss_and_metrics(tmp_path: Path) -> None:
    data = rows(10)
    found = trainer(tmp_path, eval_dataset=data, compute_metrics=accuracy, per_device_eval_batch_size=4)
    metrics = found.evaluate()
    batch = {name: np.array([row[name] for row in data]) for name in ("input_ids", "labels")}
    whole = found.model(**batch)
    assert metrics["eval_loss"] == pytest.approx(float(whole.loss), rel=1e-5)
    assert metrics["eval_accuracy"] == (np.asarray(whole.logits).argmax(-1) == batch["labels"]).mean()
    assert isinstance(metrics["eval_accuracy"], float)
    speed = {"eval_runtime", "eval_samples_per_second", "eval_steps_per_second"}
    assert set(metrics) == {"eval_loss", "eval_accuracy", "eval_model_preparation_time", "epoch"} | speed
    assert found.state.log_history[-1] == {**metrics, "step": 0}


def test_several_data_sets_are_evaluated_by_name(tmp_path: Path) -> None:
    found = trainer(tmp_path, eval_dataset={"small": rows(2), "large": rows(8)})
    metrics = found.evaluate()
    assert metrics["eval_small_loss"] == pytest.approx(found.evaluate(rows(2))["eval_loss"])
    assert metrics["eval_large_loss"] == pytest.approx(found.evaluate({"x": rows(8)})["eval_x_loss"])


def test_predictions_of_all_lengths_are_padded(tmp_path: Path) -> None:
    data = [{**row, "input_ids": row["input_ids"][: 3 + index % 4]} for index, row in enumerate(rows(12))]
    data = [{**row, "labels": row["input_ids"]} for row in data]

    def collate(features: list[Any]) -> Any:
        batch = padded(features[:0] or [{**row, "labels": 0} for row in features])
        batch["labels"] = np.where(batch["attention_mask"] == 1, batch["input_ids"], -100)
        return batch

    found = trainer(tmp_path, token_classifier(), data_collator=collate, per_device_eval_batch_size=2)
    output = found.predict(data)
    assert output.predictions.shape == (12, 6, 83)
    assert output.label_ids.shape == (12, 6)
    assert (output.predictions[0, 5:] == -100).all()
    assert (output.label_ids[0, 3:] == -100).all()
    assert set(output.metrics) >= {"test_loss", "test_runtime"}
    separate = trainer(
        tmp_path, token_classifier(), data_collator=collate, eval_do_concat_batches=False, per_device_eval_batch_size=5
    )
    assert [len(one) for one in separate.predict(data).predictions] == [5, 5, 2]


def test_a_prediction_without_labels_has_no_loss(tmp_path: Path) -> None:
    output = trainer(tmp_path).predict([{"input_ids": row["input_ids"]} for row in rows(5)])
    assert output.predictions.shape == (5, 3)
    assert output.label_ids is None
    assert "test_loss" not in output.metrics


def test_only_the_loss_is_computed_without_metrics(tmp_path: Path) -> None:
    seen = []

    class Noted(tf.Trainer):
        def prediction_step(self, *args: Any, **kwargs: Any) -> Any:
            seen.append(super().prediction_step(*args, **kwargs))
            return seen[-1]

    found = trainer(tmp_path, kind=Noted, eval_dataset=rows(8))
    found.evaluate()
    assert [one[1:] for one in seen] == [(None, None)]
    assert not seen[0][0].requires_grad


def test_logits_are_reduced_before_they_are_gathered(tmp_path: Path) -> None:
    def classes(logits: Any, labels: Any) -> Any:
        assert labels.shape == logits.shape[:-1]
        return logits.argmax(-1)

    def metrics(found: tf.EvalPrediction) -> dict[str, float]:
        assert found.predictions.shape == found.label_ids.shape == (12, 7)
        return {"accuracy": float((found.predictions == found.label_ids).mean())}

    options = {"preprocess_logits_for_metrics": classes, "compute_metrics": metrics}
    found = trainer(tmp_path, language_model(), data=tokens(), eval_dataset=tokens(), **options)
    assert 0 <= found.evaluate()["eval_accuracy"] < 1


def test_metrics_of_batches_keep_no_predictions(tmp_path: Path) -> None:
    right: list[int] = []

    def metrics(found: tf.EvalPrediction, compute_result: bool) -> dict[str, float]:
        right.append(int((found.predictions.argmax(-1) == found.label_ids).sum()))
        return {"accuracy": sum(right) / 10, "batches": len(right)} if compute_result else {}

    options = {"batch_eval_metrics": True, "per_device_eval_batch_size": 4}
    found = trainer(tmp_path, eval_dataset=rows(10), compute_metrics=metrics, **options)
    streamed = found.evaluate()
    assert streamed["eval_batches"] == 3
    whole = trainer(tmp_path, found.model, eval_dataset=rows(10), compute_metrics=accuracy).evaluate()
    assert streamed["eval_accuracy"] == pytest.approx(whole["eval_accuracy"])
    with pytest.raises(InputError, match="needs an argument compute_result"):
        trainer(tmp_path, eval_dataset=rows(10), compute_metrics=accuracy, **options)


def test_inputs_and_losses_are_included_for_metrics(tmp_path: Path) -> None:
    def metrics(found: tf.EvalPrediction) -> dict[str, float]:
        assert found.inputs.shape == (8, 6)
        assert found.losses.shape == (8,)
        return {}

    options = {"include_for_metrics": ["inputs", "loss"], "per_device_eval_batch_size": 3}
    trainer(tmp_path, eval_dataset=rows(8), compute_metrics=metrics, **options).evaluate()


def test_early_stopping_ends_training(tmp_path: Path) -> None:
    scores = iter([0.1, 0.3, 0.2, 0.25, 0.4])
    found = trainer(
        tmp_path,
        eval_dataset=rows(4),
        compute_metrics=lambda _found: {"score": next(scores)},
        callbacks=[tf.EarlyStoppingCallback(early_stopping_patience=2)],
        metric_for_best_model="score",
        load_best_model_at_end=True,
        eval_strategy="steps",
        eval_steps=1,
        save_strategy="steps",
        save_steps=1,
        max_steps=5,
    )
    assert found.train().global_step == 4
    assert found.state.best_metric == 0.3


def test_a_schedule_that_waits_for_metrics_gets_them(tmp_path: Path) -> None:
    scores = iter([1.0, 2.0, 3.0, 4.0])
    found = trainer(
        tmp_path,
        eval_dataset=rows(4),
        compute_metrics=lambda _found: {"score": next(scores)},
        metric_for_best_model="score",
        greater_is_better=False,
        lr_scheduler_type="reduce_lr_on_plateau",
        lr_scheduler_kwargs={"patience": 0, "factor": 0.5},
        eval_strategy="steps",
        eval_steps=1,
    )
    found.train()
    rates = [entry["learning_rate"] for entry in found.state.log_history if "loss" in entry]
    assert rates == pytest.approx([1e-3, 1e-3, 5e-4, 2.5e-4])


def test_weights_are_cast_for_an_evaluation_in_bfloat16(tmp_path: Path) -> None:
    found = trainer(tmp_path, classifier(), eval_dataset=rows(4), bf16_full_eval=True)
    assert np.isfinite(found.evaluate()["eval_loss"])
    assert found.model.dtype == "bfloat16"


def test_metrics_that_are_arrays_are_saved_as_lists(tmp_path: Path) -> None:
    def per_class(found: tf.EvalPrediction) -> dict[str, Any]:
        is_right = found.predictions.argmax(-1) == found.label_ids
        return {"recall": np.array([is_right[found.label_ids == label].mean() for label in range(3)])}

    options = {"eval_strategy": "epoch", "save_strategy": "epoch", "num_train_epochs": 1, "max_steps": -1}
    found = trainer(tmp_path, eval_dataset=rows(9), compute_metrics=per_class, **options)
    found.train()
    metrics = found.evaluate()
    assert metrics["eval_recall"].shape == (3,)
    found.save_metrics("eval", metrics)
    state = tf.TrainerState.load_from_json(next(tmp_path.glob("checkpoint-*")) / "trainer_state.json")
    assert state.log_history[-1]["eval_recall"] == metrics["eval_recall"].tolist()
    assert json.loads((tmp_path / "eval_results.json").read_text())["eval_recall"] == metrics["eval_recall"].tolist()


def test_metrics_that_cannot_be_saved_are_named(tmp_path: Path) -> None:
    found = trainer(tmp_path, eval_dataset=rows(3), compute_metrics=lambda _found: {"classes": {1, 2}})
    metrics = found.evaluate()
    for save in (found.save_state, lambda: found.save_metrics("eval", metrics)):
        with pytest.raises(InputError, match="eval_classes: expected a number, found set"):
            save()
    found = trainer(tmp_path, eval_dataset=rows(3), compute_metrics=lambda _found: {3: 0.5})
    with pytest.raises(InputError, match="compute_metrics: expected names of metrics, found 3"):
        found.evaluate()
