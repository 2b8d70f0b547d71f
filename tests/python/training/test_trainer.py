"""`Trainer`: training, its log, and what subclasses override."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trainer_cases import BERT, WITHOUT_DROPOUT, classifier, language_model, losses, rows, tokens, trainer, weights
from trustformers.errors import InputError, OutOfMemoryError, UnsupportedError
from trustformers.training import SGD, AdamW, get_scheduler


def test_the_example_of_the_readme_runs(tmp_path: Path, minilm_path: Path) -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(minilm_path)
    model = tf.AutoModelForSequenceClassification.from_pretrained(minilm_path, num_labels=2, **WITHOUT_DROPOUT)
    texts = ["a good film", "a bad film", "good", "bad", "very good indeed", "not good"]
    data = [{**tokenizer(text), "label": index % 2, "text": text} for index, text in enumerate(texts)]
    args = tf.TrainingArguments(
        output_dir=str(tmp_path), num_train_epochs=1, per_device_train_batch_size=2, learning_rate=2e-5
    )
    with pytest.warns(FutureWarning, match="tokenizer is the former name of processing_class"):
        found = tf.Trainer(model=model, args=args, train_dataset=data, eval_dataset=data, tokenizer=tokenizer)
    output = found.train()
    assert (output.global_step, found.state.epoch) == (3, 1.0)
    found.save_model()
    again = tf.AutoModelForSequenceClassification.from_pretrained(tmp_path)
    logits = found.predict(data).predictions
    inputs = tokenizer(texts, padding=True, return_tensors="np")
    np.testing.assert_allclose(again(**inputs).logits, logits, atol=1e-5)
    assert tf.AutoTokenizer.from_pretrained(tmp_path)("good").input_ids == tokenizer("good").input_ids


def test_the_module_of_transformers_has_the_class() -> None:
    from trustformers.trainer import Trainer

    assert Trainer is tf.Trainer


def test_a_log_has_the_keys_of_transformers(tmp_path: Path) -> None:
    found = trainer(tmp_path, eval_dataset=rows(6), eval_strategy="steps", eval_steps=2)
    output = found.train()
    kinds = [set(entry) for entry in found.state.log_history]
    step = {"loss", "grad_norm", "learning_rate", "epoch", "step"}
    speed = {"runtime", "samples_per_second", "steps_per_second"}
    evaluation = {"eval_loss", "epoch", "step"} | {f"eval_{name}" for name in speed}
    end = {"train_loss", "total_flos", "epoch", "step"} | {f"train_{name}" for name in speed}
    assert kinds == [step, step, evaluation, step, step, evaluation, end]
    assert [entry["learning_rate"] for entry in found.state.log_history if "loss" in entry] == pytest.approx(
        [1e-3, 7.5e-4, 5e-4, 2.5e-4]
    )
    assert output.training_loss == pytest.approx(np.mean(losses(found)))
    assert output.metrics["train_loss"] == output.training_loss


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    found = trainer(tmp_path, data=rows(4), max_steps=30)
    found.train()
    assert losses(found)[-1] < 0.2 * losses(found)[0]


@pytest.mark.parametrize("family", ["llama", "bert", "masked"])
def test_accumulation_gives_the_loss_of_the_large_batch(family: str, tmp_path: Path) -> None:
    def run(size: int, accumulated: int) -> Any:
        model, data = (language_model(), tokens()) if family == "llama" else (classifier(), rows(12))
        if family == "masked":
            model = tf.AutoModelForMaskedLM.from_pretrained(BERT, dtype="float32", **WITHOUT_DROPOUT)
            data = tokens()
        return trainer(
            tmp_path,
            model,
            data=data,
            per_device_train_batch_size=size,
            gradient_accumulation_steps=accumulated,
            num_train_epochs=2,
            max_steps=-1,
            optim="sgd",
        )

    whole, parts = run(8, 1), run(2, 4)
    whole.train()
    parts.train()
    assert whole.state.global_step == parts.state.global_step == 4
    np.testing.assert_allclose(losses(parts), losses(whole), rtol=1e-5)
    norms = [[entry["grad_norm"] for entry in one.state.log_history if "loss" in entry] for one in (parts, whole)]
    np.testing.assert_allclose(norms[0], norms[1], rtol=1e-4)


def test_a_batch_without_labels_adds_nothing_to_the_accumulated_loss(tmp_path: Path) -> None:
    data = tokens(4)
    data[2]["labels"] = data[3]["labels"] = [-100] * 7
    whole = trainer(tmp_path, language_model(), data=data, max_steps=1, train_sampling_strategy="sequential")
    options = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 2}
    parts = trainer(tmp_path, language_model(), data=data, max_steps=1, train_sampling_strategy="sequential", **options)
    whole.train()
    parts.train()
    np.testing.assert_allclose(losses(parts), losses(whole), rtol=1e-5)


def test_weight_decay_excludes_norms_and_biases(tmp_path: Path) -> None:
    for model, excluded in (
        (classifier(), "bert.encoder.layer.0.output.LayerNorm.weight"),
        (language_model("gpt2"), "transformer.h.0.ln_1.weight"),
        (language_model(), "model.norm.weight"),
    ):
        found = trainer(tmp_path, model, weight_decay=0.1)
        names = found.get_decay_parameter_names(model)
        assert excluded not in names
        assert not any(name.endswith("bias") for name in names)
        assert any("embed" in name or "wte" in name for name in names)
        optimizer = found.create_optimizer()
        assert [group["weight_decay"] for group in optimizer.param_groups] == [0.1, 0.0]
        # A tied weight has two names, and is one parameter.
        owned = {name for name, _ in model.named_parameters()}
        assert len(optimizer.param_groups[0]["params"]) == len(owned.intersection(names))


def test_frozen_weights_stay(tmp_path: Path) -> None:
    model = classifier()
    for parameter in model.bert.parameters():
        parameter.requires_grad = False
    found = trainer(tmp_path, model)
    before = weights(found)
    found.train()
    changed = [name for name, weight in weights(found).items() if not np.array_equal(weight, before[name])]
    assert changed == ["classifier.weight", "classifier.bias"]
    assert found.get_num_trainable_parameters() == sum(before[name].size for name in changed)


def test_the_number_of_steps_follows_epochs_and_accumulation(tmp_path: Path) -> None:
    found = trainer(tmp_path, data=rows(10), max_steps=-1, num_train_epochs=1.5, gradient_accumulation_steps=2)
    assert found.train().global_step == 3
    assert found.state.epoch == pytest.approx(1 + 2 / 3)


def test_an_iterable_trains_for_the_given_steps(tmp_path: Path) -> None:
    class Endless:
        def __iter__(self) -> Any:
            while True:
                yield from rows()

    found = trainer(tmp_path, data=Endless(), max_steps=3)
    assert found.train().global_step == 3
    with pytest.raises(InputError, match="max_steps: missing; it is needed for a train_dataset without a length"):
        trainer(tmp_path, data=Endless(), max_steps=-1)


def test_a_data_set_of_datasets_trains_as_a_list(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    data = datasets.Dataset.from_list([{**row, "text": "a film"} for row in rows()])
    found, plain = trainer(tmp_path, data=data, eval_dataset=data), trainer(tmp_path)
    found.train()
    plain.train()
    assert losses(found) == losses(plain)
    assert found.evaluate()["eval_loss"] == pytest.approx(plain.evaluate(rows())["eval_loss"])
    with pytest.raises(InputError, match="takes none of the columns of the training set, text"):
        trainer(tmp_path, data=data.select_columns(["text"])).train()
    streamed = trainer(tmp_path, data=data.to_iterable_dataset())
    assert streamed.train().global_step == 4


def test_an_optimizer_and_a_schedule_of_ones_own_are_used(tmp_path: Path) -> None:
    model = classifier()
    optimizer = SGD(model.parameters(), lr=0.5)
    schedule = get_scheduler("constant", optimizer)
    found = trainer(tmp_path, model, optimizers=(optimizer, schedule))
    found.train()
    assert found.optimizer is optimizer
    assert found.get_learning_rates() == [0.5]
    other = trainer(tmp_path, optimizer_cls_and_kwargs=(AdamW, {"lr": 0.25}))
    other.train()
    assert [group["initial_lr"] for group in other.optimizer.param_groups] == [0.25, 0.25]
    with pytest.raises(InputError, match="leave them out with optimizer_cls_and_kwargs"):
        trainer(tmp_path, model, optimizers=(optimizer, None), optimizer_cls_and_kwargs=(AdamW, {}))
    with pytest.raises(InputError, match="model_init makes others"):
        trainer(tmp_path, model_init=lambda: classifier(), optimizers=(optimizer, None))


def test_model_init_begins_each_training_anew(tmp_path: Path) -> None:
    found = trainer(tmp_path, model_init=lambda: classifier())
    found.train()
    first = losses(found)
    found.train()
    assert losses(found) == first


def test_an_overridden_loss_and_a_loss_function_are_used(tmp_path: Path) -> None:
    class Doubled(tf.Trainer):
        def compute_loss(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            return super().compute_loss(model, inputs, *args, **kwargs) * 2

    def mean_logit(outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
        assert labels.shape == (4,)
        assert int(num_items_in_batch) == 4
        return outputs.logits.sum() / num_items_in_batch

    plain, doubled = (trainer(tmp_path, kind=kind, max_steps=1) for kind in (tf.Trainer, Doubled))
    plain.train()
    doubled.train()
    assert losses(doubled)[0] == pytest.approx(2 * losses(plain)[0])
    found = trainer(tmp_path, compute_loss_func=mean_logit, max_steps=40, learning_rate=1e-2)
    found.train()
    assert losses(found)[-1] < losses(found)[0] - 1


def test_the_mean_of_an_overridden_loss_is_divided_if_the_class_says_so(tmp_path: Path) -> None:
    class Mean(tf.Trainer):
        loss_is_scaled_for_ga = False

        def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **kwargs: Any) -> Any:  # type: ignore[override]
            loss = model(**inputs).loss
            return (loss, None) if return_outputs else loss

    accumulated = {"gradient_accumulation_steps": 3, "max_steps": 2}
    own, default = (trainer(tmp_path, kind=kind, **accumulated) for kind in (Mean, tf.Trainer))
    own.train()
    default.train()
    np.testing.assert_allclose(losses(own), losses(default), rtol=1e-5)


def test_a_loss_of_version_4_is_a_mean_over_its_batch(tmp_path: Path) -> None:
    class Former(tf.Trainer):
        def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False) -> Any:  # type: ignore[override]
            outputs = model(**inputs)
            return (outputs.loss, outputs) if return_outputs else outputs.loss

    accumulated = {"gradient_accumulation_steps": 3, "max_steps": 2}
    own, default = (trainer(tmp_path, kind=kind, **accumulated) for kind in (Former, tf.Trainer))
    own.train()
    default.train()
    np.testing.assert_allclose(losses(own), losses(default), rtol=1e-5)
    assert own.evaluate(rows(8))["eval_loss"] == pytest.approx(default.evaluate(rows(8))["eval_loss"], rel=1e-4)


def test_callbacks_are_called_and_removed(tmp_path: Path) -> None:
    events: list[str] = []

    class Noted(tf.TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            events.append("begin")
            assert kwargs["optimizer"] is not None
            assert len(kwargs["train_dataloader"]) == 6

        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
            events.append(f"step {state.global_step}")
            control.should_training_stop = state.global_step == 2
            return control

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            events.append("end")

    found = trainer(tmp_path, callbacks=[Noted])
    assert found.train().global_step == 2
    assert events == ["begin", "step 1", "step 2", "end"]
    assert isinstance(found.pop_callback(Noted), Noted)
    assert found.pop_callback(Noted) is None
    found.add_callback(Noted())
    found.remove_callback(Noted)
    assert found.train().global_step == 4


def test_a_notebook_shows_a_table_unless_it_is_disabled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def show(html: str, **_options: Any) -> Any:
        shown.append(html)
        return SimpleNamespace(update=shown.append)

    display = SimpleNamespace(HTML=str, display=show)
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    monkeypatch.delenv("VSCODE_PID", raising=False)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(display=display, get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    trainer(tmp_path, disable_tqdm=False, eval_dataset=rows(4), eval_strategy="steps", eval_steps=2).train()
    assert "<th>Step</th><th>Training Loss</th><th>Validation Loss</th>" in shown[-1]
    assert shown[-1].count("<td>2</td>") == shown[-1].count("<td>4</td>") == 1
    shown.clear()
    trainer(tmp_path).train()
    assert not shown


def test_whole_words_are_masked_in_training(tmp_path: Path, minilm_path: Path) -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(minilm_path)
    model = tf.AutoModelForMaskedLM.from_config(
        tf.BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    )
    texts = ["An unbelievably long film", "Films", "Tokenizers split antidisestablishmentarianism", "A word"]
    data = [{**tokenizer(text, return_offsets_mapping=True), "text": text} for text in texts]
    collate = tf.DataCollatorForLanguageModeling(
        tokenizer, whole_word_mask=True, mask_replace_prob=1.0, random_replace_prob=0.0, mlm_probability=0.5, seed=1
    )
    found = trainer(tmp_path, model, data=data, data_collator=collate, processing_class=tokenizer)
    assert found.train().global_step == 4
    (batch,) = found.get_train_dataloader()
    assert set(batch) == {"input_ids", "token_type_ids", "attention_mask", "labels"}
    whole = {len(tokenizer.tokenize(word)) for word in ("unbelievably", "antidisestablishmentarianism")}
    runs = [len(run) for row in batch["labels"].tolist() for run in "".join(".M"[one > 0] for one in row).split(".")]
    assert max(whole) in runs


def test_losses_that_are_not_finite_are_named_with_their_step(tmp_path: Path, caplog: Any) -> None:
    class Broken(tf.Trainer):
        def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
            loss = super().compute_loss(*args, **kwargs)
            return loss * float("nan") if self.state.global_step in (1, 2) else loss

    found = trainer(tmp_path, kind=Broken, logging_steps=4, max_grad_norm=0)
    found.train()
    messages = [record.getMessage() for record in caplog.records]
    assert "step 2: the loss is nan; lower the learning rate, or check the batch" in messages
    assert any("were not finite: 2, 3" in message for message in messages)


def test_running_out_of_memory_names_the_batch_and_what_to_lower(tmp_path: Path) -> None:
    class Large(tf.Trainer):
        def compute_loss(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
            if len(inputs["input_ids"]) > 3:
                raise MemoryError
            return super().compute_loss(model, inputs, *args, **kwargs)

    with pytest.raises(OutOfMemoryError, match=r"input_ids \(4, 6\).*lower per_device_train_batch_size \(4\)"):
        trainer(tmp_path, kind=Large).train()
    found = trainer(tmp_path, kind=Large, auto_find_batch_size=True)
    assert found.train().global_step == 4
    assert found.state.train_batch_size == 3
    options = {"auto_find_batch_size": True, "save_strategy": "steps", "save_steps": 2}
    trainer(tmp_path, kind=Large, **options).train()
    rest = trainer(tmp_path, kind=Large, **options)
    rest.train(resume_from_checkpoint=str(tmp_path / "checkpoint-2"))
    assert rest.get_total_train_batch_size(rest.args) == 3


class _Signals(tf.TrainerCallback):
    def __init__(self, number: int) -> None:
        self.number = number

    def on_substep_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == 1:
            os.kill(os.getpid(), self.number)


@pytest.mark.parametrize("saves", [False, True])
def test_an_interrupt_ends_training_after_the_step(saves: bool, tmp_path: Path) -> None:
    found = trainer(
        tmp_path,
        callbacks=[_Signals(signal.SIGINT)],
        gradient_accumulation_steps=2,
        enable_jit_checkpoint=saves,
        save_strategy="epoch",
    )
    with pytest.raises(KeyboardInterrupt):
        found.train()
    assert found.state.global_step == 2
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert [path.name for path in tmp_path.glob("*checkpoint-*")] == (["checkpoint-2"] if saves else [])


def test_a_termination_leaves_a_checkpoint_if_the_arguments_ask_for_it(tmp_path: Path) -> None:
    signals = [_Signals(signal.SIGTERM)]
    found = trainer(tmp_path, callbacks=signals, gradient_accumulation_steps=2, enable_jit_checkpoint=True)
    assert found.train().global_step == 2
    assert (tmp_path / "checkpoint-2").is_dir()


def test_metrics_are_printed_and_saved(tmp_path: Path, capsys: Any) -> None:
    found = trainer(tmp_path)
    metrics = {"train_runtime": 3661.5, "train_loss": 0.123456, "total_flos": 3 * 2**30, "epoch": 1.0}
    assert found.metrics_format(metrics) == {
        "train_runtime": "1:01:01.50",
        "train_loss": 0.1235,
        "total_flos": "3GF",
        "epoch": 1.0,
    }
    found.log_metrics("train", metrics)
    assert capsys.readouterr().out.splitlines() == [
        "***** train metrics *****",
        "  epoch         =        1.0",
        "  total_flos    =        3GF",
        "  train_loss    =     0.1235",
        "  train_runtime = 1:01:01.50",
    ]
    found.save_metrics("train", metrics)
    found.save_metrics("eval", {"eval_loss": 1.0})
    found.save_state()
    names = {"train_results.json", "eval_results.json", "all_results.json", "trainer_state.json"}
    assert names <= {path.name for path in tmp_path.iterdir()}
    assert '"eval_loss": 1.0' in (tmp_path / "all_results.json").read_text()


def test_a_model_card_has_metadata_hyperparameters_and_results(tmp_path: Path) -> None:
    options = {"eval_dataset": rows(8), "eval_strategy": "steps", "eval_steps": 2, "warmup_steps": 1}
    found = trainer(tmp_path / "films", compute_metrics=lambda _found: {"accuracy": 0.5}, **options)
    found.train()
    found.create_model_card(language="en", tags="films", dataset_tags="glue", dataset_args="sst2", license="mit")
    _, header, text = (tmp_path / "films/README.md").read_text().split("---\n")
    metadata = {key: json.loads(value) for key, _, value in (line.partition(": ") for line in header.splitlines())}
    result = {
        "task": {"name": "Text Classification", "type": "text-classification"},
        "dataset": {"name": "glue", "type": "glue", "args": "sst2"},
        "metrics": [{"name": "Accuracy", "type": "accuracy", "value": 0.5}],
    }
    assert metadata == {
        "library_name": "transformers",
        "language": ["en"],
        "license": "mit",
        "tags": ["films", "generated_from_trainer"],
        "datasets": ["glue"],
        "metrics": ["accuracy"],
        "model-index": [{"name": "films", "results": [result]}],
    }
    lines = text.splitlines()
    assert {
        "# films",
        "- Accuracy: 0.5000",
        "- learning_rate: 0.001",
        "- warmup_steps: 1",
        "- training_steps: 4",
    } <= set(lines)
    assert [line.split("|")[3].strip() for line in lines if line.startswith("| ")] == ["Step", "2", "4"]
    trainer(tmp_path).create_model_card()


def test_label_smoothing_raises_the_loss_of_sure_predictions(tmp_path: Path) -> None:
    plain, smooth = (trainer(tmp_path, data=rows(4), max_steps=30, label_smoothing_factor=e) for e in (0.0, 0.2))
    plain.train()
    smooth.train()
    assert losses(smooth)[-1] > losses(plain)[-1] + 0.2


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("push_to_hub", "huggingface_hub.upload_folder"),
        ("hyperparameter_search", "make a Trainer for each choice"),
        ("init_hf_repo", "huggingface_hub.create_repo"),
    ],
)
def test_what_is_refused_says_what_to_do_instead(name: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match=message):
        getattr(trainer(tmp_path), name)()
