"""What `Trainer` refuses before the first step, and what its errors name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trainer_cases import BERT, GOLDENS, WITHOUT_DROPOUT, classifier, losses, rows, trainer
from trustformers.errors import InputError
from trustformers.training import SGD, DataLoader


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


def test_a_metric_that_is_no_number_is_an_error(tmp_path: Path) -> None:
    found = steps(tmp_path, metric_for_best_model="f1", compute_metrics=lambda _found: {"f1": "high"})
    with pytest.raises(InputError, match="metric_for_best_model: expected a number for eval_f1, found 'high'"):
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


def test_an_iterable_without_examples_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="train_dataset: gave no examples"):
        trainer(tmp_path, data=iter([])).train()


def test_an_empty_evaluation_set_is_found_before_the_first_step(tmp_path: Path) -> None:
    empty: list[Any] = [[], {"a": rows(4), "b": []}]
    for dataset in empty:
        found = trainer(tmp_path, eval_dataset=dataset, eval_strategy="epoch")
        with pytest.raises(InputError, match="eval_dataset: the evaluation set has no examples"):
            found.train()
        assert found.state.global_step == 0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("imdb", "dataset: expected a data set, found str 'imdb'; load it, for example with datasets"),
        ({"train": rows(8), "test": rows(4)}, "found a mapping of 'train', 'test'; pass one of its values"),
        (DataLoader(rows(8)), "dataset: found a DataLoader; pass its dataset, or override get_train_dataloader"),
        (["a film"] * 8, "expected mappings of columns such as input_ids, found str 'a film'; tokenize the texts"),
        ([5] * 8, "expected mappings of columns such as input_ids, found int"),
    ],
)
def test_data_that_is_no_data_set_is_named(data: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        trainer(tmp_path, data=data).train()


def test_a_data_set_without_columns_of_the_model_lists_them(tmp_path: Path) -> None:
    found = trainer(tmp_path, data=[{"text": "a film", "stars": 3}] * 8)
    with pytest.raises(InputError, match="takes none of the columns of the training set, text, stars"):
        found.train()


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ({"input_ids": np.ones((2, 3), np.int64), "labels": ["a", "b"]}, "labels of the batch is text"),
        ({"input_ids": np.array([["a"], ["b"]])}, "input_ids of the batch is an array of <U1"),
        ({"input_ids": [["a", "b"]], "labels": np.ones(1, np.int64)}, "input_ids of the batch is text"),
        ({"input_ids": [[5, 6], [7]], "labels": np.ones(2, np.int64)}, "input_ids of the batch has rows of different"),
        ({"input_ids": np.ones((2, 3), np.int64), "labels": [None, 1]}, "labels of the batch is an array of object"),
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


def test_a_collator_may_return_lists_of_numbers(tmp_path: Path) -> None:
    def collate(features: list[dict[str, Any]]) -> dict[str, Any]:
        return {name: [row[name] for row in features] for name in ("input_ids", "labels")}

    found = [trainer(tmp_path, **options) for options in ({}, {"data_collator": collate})]
    assert [one.train().global_step for one in found] == [4, 4]
    assert losses(found[0]) == losses(found[1])


class Table:
    """What `datasets.Dataset` has of a table in memory."""

    def __init__(self, examples: list[dict[str, Any]]) -> None:
        self.examples = examples
        self.column_names = list(examples[0])

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, key: Any) -> Any:
        return [row[key] for row in self.examples] if isinstance(key, str) else self.examples[key]

    def remove_columns(self, names: list[str]) -> Table:
        return Table([{key: value for key, value in row.items() if key not in names} for row in self.examples])


class Tables(dict[str, Table]):
    """What `datasets.DatasetDict` has of a table."""

    @property
    def column_names(self) -> dict[str, list[str]]:
        return {name: table.column_names for name, table in self.items()}

    def remove_columns(self, names: list[str]) -> Tables:
        return Tables({name: table.remove_columns(names) for name, table in self.items()})


def test_tables_by_name_are_no_data_set_of_training(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found a mapping of 'train'; pass one of its values"):
        trainer(tmp_path, data=Tables(train=Table(rows(8)))).train()


@pytest.mark.parametrize("kind", [list, Table])
def test_texts_that_are_not_tokenized_are_named_with_all_columns(kind: Any, tmp_path: Path) -> None:
    data = kind([{"text": "a film", "label": 1}] * 8)
    message = "takes none of the columns of the training set but label: text; it takes input_ids, .* Tokenize the texts"
    with pytest.raises(InputError, match=message):
        trainer(tmp_path, data=data).train()
    kept = trainer(tmp_path, data=data, remove_unused_columns=False, data_collator=tf.default_data_collator)
    with pytest.raises(InputError, match="the batch has labels, and BertForSequenceClassification needs input_ids"):
        kept.train()


@pytest.mark.parametrize("kind", [list, Table])
def test_labels_outside_the_classes_are_named_before_the_first_step(kind: Any, tmp_path: Path) -> None:
    data = rows(8)
    data[5] = {**data[5], "labels": 7}
    found = trainer(tmp_path, data=kind(data))
    message = r"train_dataset: labels of example 5 is 7, expected a class from 0 to 2 \(num_labels=3\), or -100"
    with pytest.raises(InputError, match=message):
        found.train()
    assert found.state.global_step == 0
    data[5] = {**data[5], "labels": -100}
    assert trainer(tmp_path, data=kind(data)).train().global_step == 4
    with pytest.raises(InputError, match="eval_dataset: label of example 1 is 3"):
        trainer(tmp_path).evaluate(kind([{"input_ids": [5, 6], "label": label} for label in (0, 3)]))
    with pytest.raises(InputError, match="labels of example 0 is 1.0, expected an integer; num_labels=1 makes a reg"):
        trainer(tmp_path, data=kind([{**row, "labels": 1.0} for row in rows(8)])).train()


def test_labels_outside_the_classes_are_named_in_their_batch(tmp_path: Path) -> None:
    made = iter([{**row, "labels": 3} for row in rows(8)])
    with pytest.raises(InputError, match=r"labels of the batch at \[0\] is 3, expected a class from 0 to 2"):
        trainer(tmp_path, data=made).train()
    tagger = tf.AutoModelForTokenClassification.from_pretrained(BERT, num_labels=3, **WITHOUT_DROPOUT)
    data = [{**row, "labels": [-100, 0, 1, 2, -1, 0]} for row in rows(8)]
    with pytest.raises(InputError, match=r"labels of the batch at \[0, 4\] is -1, expected a class from 0 to 2"):
        trainer(tmp_path, tagger, data=data).train()


def test_regression_and_several_labels_have_no_classes(tmp_path: Path) -> None:
    data = [{**row, "labels": 7.5} for row in rows(8)]
    assert trainer(tmp_path, classifier(num_labels=1), data=data).train().global_step == 4
    data = [{**row, "labels": [1.0, 0.0, 1.0]} for row in rows(8)]
    assert trainer(tmp_path, data=data).train().global_step == 4


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
    with pytest.raises(InputError, match=r"model: expected a model, found str 'bert'; .*from_pretrained\('bert'\)"):
        tf.Trainer(model="bert", args=tf.TrainingArguments(str(tmp_path)))
    with pytest.raises(InputError, match="model: expected a model, found the class AutoModelForSequenceClassification"):
        tf.Trainer(model=tf.AutoModelForSequenceClassification, args=tf.TrainingArguments(str(tmp_path)))
    with pytest.raises(InputError, match="model_init: expected a function that returns a model, found the model"):
        trainer(tmp_path, model_init=model)
    with pytest.raises(InputError, match="compute_metrics: expected a function, found str 'accuracy'"):
        trainer(tmp_path, compute_metrics="accuracy")
    with pytest.raises(InputError, match="optimizers: expected a pair of an optimizer and a schedule, found None"):
        trainer(tmp_path, optimizers=None)
    with pytest.raises(InputError, match="optimizers: expected an optimizer, found str 'adamw'"):
        trainer(tmp_path, optimizers=("adamw", None))
    for callbacks in (tf.EarlyStoppingCallback(3), "x"):
        with pytest.raises(InputError, match="callbacks: expected a list of callbacks, found (Early|str)"):
            trainer(tmp_path, callbacks=callbacks)
    with pytest.raises(InputError, match="callbacks: expected a TrainerCallback, found str 'x'"):
        trainer(tmp_path, callbacks=["x"])
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


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (lambda _: None, "expected a Tensor of one element, found None"),
        (lambda output: output.loss.item(), "expected a Tensor of one element, found float"),
        (lambda output: (output.loss, output), "expected a Tensor of one element, found tuple"),
        (lambda output: output.loss.detach().numpy(), "expected a Tensor of one element, found ndarray"),
        (lambda output: output.logits, r"expected a loss of one element, found shape \[4, 3\]"),
        (lambda output: output.loss.detach(), "the loss requires no gradient"),
    ],
)
def test_losses_without_a_backward_pass_are_named(loss: Any, message: str, tmp_path: Path) -> None:
    class Own(tf.Trainer):
        def compute_loss(self, model: Any, inputs: Any, *_args: Any, **_kwargs: Any) -> Any:
            return loss(model(**inputs))

    with pytest.raises(InputError, match=f"compute_loss: {message}"):
        trainer(tmp_path, kind=Own).train()


@pytest.mark.parametrize(
    ("loader", "message"),
    [(None, r"get_train_dataloader\(\): expected an iterable of batches, found None"), ([], "has no batches")],
)
def test_data_loaders_without_batches_are_named(loader: Any, message: str, tmp_path: Path) -> None:
    class Own(tf.Trainer):
        def get_train_dataloader(self) -> Any:
            return loader

    with pytest.raises(InputError, match=message):
        trainer(tmp_path, kind=Own).train()


def test_what_callbacks_return_is_checked(tmp_path: Path) -> None:
    class Own(tf.TrainerCallback):
        def on_step_end(self, *_args: Any, **_kwargs: Any) -> Any:
            return 3

    with pytest.raises(InputError, match="on_step_end of Own: expected the control or None as its result, found int"):
        trainer(tmp_path, callbacks=[Own()]).train()
    with pytest.raises(InputError, match="early_stopping_patience: expected a number, found str"):
        tf.EarlyStoppingCallback("2")  # type: ignore[arg-type]
