"""What `Trainer` refuses before the first step, and what its errors name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trainer_cases import BERT, GOLDENS, WITHOUT_DROPOUT, classifier, rows, trainer
from trustformers.errors import InputError
from trustformers.training import SGD


def steps(path: Path, **kwargs: Any) -> Any:
    return trainer(path, eval_dataset=rows(4), eval_strategy="steps", eval_steps=2, **kwargs)


def test_a_metric_that_nobody_reports_is_an_error_before_training(tmp_path: Path) -> None:
    found = steps(tmp_path, metric_for_best_model="f1")
    with pytest.raises(InputError, match=r"metric_for_best_model: .* eval_loss, .*'f1'; pass compute_metrics"):
        found.train()
    assert found.state.global_step == 0
    unlabelled = [{"input_ids": row["input_ids"]} for row in rows(4)]
    found = trainer(
        tmp_path,
        eval_dataset=unlabelled,
        eval_strategy="steps",
        eval_steps=2,
        save_strategy="steps",
        save_steps=2,
        load_best_model_at_end=True,
    )
    for metrics in (None, lambda _found: {"f1": 1.0}):
        found.compute_metrics = metrics
        with pytest.raises(InputError, match="found 'loss'; losses and metrics need labels in eval_dataset"):
            found.train()
    found = trainer(
        tmp_path, eval_dataset={"a": rows(4)}, eval_strategy="steps", eval_steps=2, metric_for_best_model="loss"
    )
    with pytest.raises(InputError, match="eval_a_loss"):
        found.train()


def test_a_metric_that_an_evaluation_does_not_report_is_an_error(tmp_path: Path) -> None:
    found = steps(tmp_path, metric_for_best_model="f1", compute_metrics=lambda _found: {"accuracy": 1.0})
    with pytest.raises(InputError, match="metrics that evaluations report, eval_loss, eval_accuracy, .*; found f1"):
        found.train()


def test_the_data_set_is_named_if_it_is_missing_or_empty(tmp_path: Path) -> None:
    found = trainer(tmp_path, data=[])
    with pytest.raises(InputError, match="train_dataset: the training set has no examples"):
        found.train()
    found.train_dataset = None
    with pytest.raises(InputError, match="train_dataset: missing"):
        found.train()
    with pytest.raises(InputError, match="eval_dataset: missing"):
        found.evaluate()
    with pytest.raises(InputError, match="eval_dataset: missing; eval_strategy='epoch' evaluates it"):
        trainer(tmp_path, eval_strategy="epoch")
    found = trainer(tmp_path, data=rows(3), dataloader_drop_last=True)
    with pytest.raises(InputError, match="there is not one batch of 4"):
        found.train()


def test_a_data_set_without_columns_of_the_model_lists_them(tmp_path: Path) -> None:
    found = trainer(tmp_path, data=[{"text": "a film", "stars": 3}] * 8)
    with pytest.raises(InputError, match="takes none of the columns of the training set, text, stars"):
        found.train()


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ({"input_ids": np.ones((2, 3), np.int64), "labels": ["a", "b"]}, "labels of the batch is text"),
        ({"input_ids": np.array([["a"], ["b"]])}, "input_ids of the batch is an array of <U1"),
        ([1, 2], "expected a mapping of arrays, found list"),
        ({}, "the batch is empty"),
        (
            {"input_ids": np.ones((2, 3), np.int64)},
            "the model returned no loss, only logits; .* the batch has input_ids",
        ),
    ],
)
def test_a_collator_that_returns_no_arrays_is_named(batch: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        trainer(tmp_path, data_collator=lambda _rows: batch).train()


def test_labels_outside_the_classes_are_named(tmp_path: Path) -> None:
    data = [{**row, "labels": 7} for row in rows(8)]
    with pytest.raises(InputError, match="7"):
        trainer(tmp_path, data=data).train()


def test_models_that_cannot_be_trained_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="BertModel has no head, and takes no labels"):
        trainer(tmp_path, tf.AutoModel.from_pretrained(BERT))
    with pytest.raises(InputError, match="quantized to int8, and only adapters of it can be trained"):
        trainer(tmp_path, tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", load_in_8bit=True))


def test_training_that_would_change_nothing_is_refused(tmp_path: Path) -> None:
    frozen = classifier()
    frozen.requires_grad_(False)
    with pytest.raises(InputError, match="no parameter requires a gradient"):
        trainer(tmp_path, frozen).train()
    optimizer = SGD(classifier().parameters(), lr=0.1)
    with pytest.raises(InputError, match="the optimizer has no parameter of the model"):
        trainer(tmp_path, optimizers=(optimizer, None)).train()


def test_arguments_of_the_trainer_are_checked(tmp_path: Path) -> None:
    model = classifier()
    with pytest.raises(InputError, match="expected either model or model_init"):
        tf.Trainer(args=tf.TrainingArguments(str(tmp_path)))
    with pytest.raises(InputError, match="expected either model or model_init"):
        tf.Trainer(model=model, model_init=lambda: model, args=tf.TrainingArguments(str(tmp_path)))
    with pytest.raises(InputError, match="args: expected TrainingArguments, found dict"):
        tf.Trainer(model=model, args={"output_dir": "x"})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="model_init: expected a function of no argument, found one of 2"):
        trainer(tmp_path, model_init=lambda _first, _second: model)
    with pytest.raises(InputError, match="model_init: expected a model, found None"):
        trainer(tmp_path, model_init=lambda: None)
    with pytest.raises(InputError, match="data_collator: expected a function, found str"):
        trainer(tmp_path, data_collator="padding")
    with pytest.raises(InputError, match="pass only processing_class"):
        tf.Trainer(model=model, processing_class=object(), tokenizer=object())


def test_columns_that_the_model_does_not_take_are_left_out(tmp_path: Path) -> None:
    data = [{**row, "text": "a film", "score": "x"} for row in rows(8)]
    assert trainer(tmp_path, data=data).train().global_step == 4


def test_special_tokens_of_the_tokenizer_reach_the_configuration(tmp_path: Path, minilm_path: Path) -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(minilm_path)
    tokenizer.add_special_tokens({"pad_token": "[MASK]"})
    model = tf.AutoModelForSequenceClassification.from_pretrained(minilm_path, num_labels=3, **WITHOUT_DROPOUT)
    trainer(tmp_path, model, processing_class=tokenizer, max_steps=1).train()
    assert model.config.pad_token_id == tokenizer.pad_token_id == 103
