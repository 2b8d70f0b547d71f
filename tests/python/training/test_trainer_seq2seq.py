"""`Seq2SeqTrainer`, whose evaluations generate, with a language model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trainer_cases import language_model
from trustformers.errors import InputError
from trustformers.training.arguments_seq2seq import Seq2SeqTrainingArguments
from trustformers.training.trainer_seq2seq import Seq2SeqTrainer

PAD, END = 3, 2


def settings(path: Path, **kwargs: Any) -> Seq2SeqTrainingArguments:
    options = {"predict_with_generate": True, "per_device_eval_batch_size": 2, "disable_tqdm": True, "max_steps": 2}
    return Seq2SeqTrainingArguments(str(path), **{**options, "save_strategy": "no", "report_to": "none", **kwargs})


def trainer(path: Path, model: Any = None, **kwargs: Any) -> Seq2SeqTrainer:
    names = ("compute_metrics", "data_collator", "processing_class", "train_dataset")
    own = {name: kwargs.pop(name) for name in names if name in kwargs}
    model = model or language_model()
    model.generation_config = tf.GenerationConfig(pad_token_id=PAD, eos_token_id=END, max_length=12)
    return Seq2SeqTrainer(model=model, args=settings(path, **kwargs), eval_dataset=rows(), **own)


def rows() -> list[dict[str, Any]]:
    ids = np.random.default_rng(2).integers(5, 80, (4, 5))
    return [{"input_ids": row.tolist(), "labels": row.tolist()} for row in ids]


def test_predictions_are_generated_tokens(tmp_path: Path) -> None:
    found = trainer(tmp_path)
    ids = np.array([row["input_ids"] for row in rows()])
    output = found.predict(rows())
    expected = np.concatenate([np.asarray(found.model.generate(ids[start : start + 2])) for start in (0, 2)])
    assert output.predictions[:, : expected.shape[1]].tolist() == expected.tolist()
    assert output.predictions.shape == output.label_ids.shape == (4, 12)
    assert (output.label_ids[:, 5:] == PAD).all()
    assert output.metrics is not None and output.metrics["test_loss"] > 0


def test_arguments_of_an_evaluation_precede_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = trainer(tmp_path, generation_max_length=9, generation_num_beams=2)
    asked: list[dict[str, Any]] = []
    generate = type(found.model).generate

    def noted(model: Any, **kwargs: Any) -> Any:
        asked.append({name: kwargs[name] for name in ("max_length", "max_new_tokens", "num_beams") if name in kwargs})
        return generate(model, **kwargs)

    monkeypatch.setattr(type(found.model), "generate", noted)
    found.predict(rows())
    found.predict(rows(), max_length=8, num_beams=3)
    found.predict(rows(), max_new_tokens=2)
    found.predict(rows())
    defaults = {"max_length": 9, "num_beams": 2}
    expected = [defaults, {"max_length": 8, "num_beams": 3}, {"max_new_tokens": 2, "num_beams": 2}, defaults]
    assert asked[::2] == expected


def test_metrics_are_of_generated_tokens(tmp_path: Path) -> None:
    def length(found: tf.EvalPrediction) -> dict[str, Any]:
        return {"length": found.predictions.shape[-1], "labels": found.label_ids.shape[-1]}

    found = trainer(tmp_path, compute_metrics=length)
    metrics = found.evaluate()
    assert (metrics["eval_length"], metrics["eval_labels"]) == (12, 12)
    assert "eval_loss" in metrics


def test_a_training_evaluates_with_generate(tmp_path: Path) -> None:
    lengths = []

    def length(found: tf.EvalPrediction) -> dict[str, Any]:
        lengths.append(found.predictions.shape[-1])
        return {}

    found = trainer(
        tmp_path, compute_metrics=length, train_dataset=rows(), eval_strategy="steps", eval_steps=1, logging_steps=1
    )
    found.train()
    assert lengths == [12, 12]


def test_targets_that_labels_make_are_not_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = trainer(tmp_path)
    given: list[set[str]] = []

    def noted(_model: Any, **kwargs: Any) -> Any:
        given.append(set(kwargs))
        return np.full((2, 3), 7)

    monkeypatch.setattr(type(found.model), "generate", noted)
    batch = {"input_ids": np.full((2, 5), 7), "labels": np.full((2, 4), 7), "decoder_input_ids": np.full((2, 4), 7)}

    def forward(**_inputs: Any) -> dict[str, Any]:
        return {"loss": np.float32(1.0)}

    loss, tokens, labels = found.prediction_step(forward, batch, False)
    batch["decoder_input_ids"] = np.full((2, 2), 7)
    found.prediction_step(forward, batch, False)
    assert given == [{"input_ids"}, {"input_ids", "decoder_input_ids"}]
    assert float(loss) == 1.0
    assert np.asarray(tokens).shape == np.asarray(labels).shape == (2, 12)


def test_settings_of_generation_are_the_models(tmp_path: Path) -> None:
    config = tf.GenerationConfig(max_length=9, pad_token_id=PAD)
    config.save_pretrained(tmp_path / "settings")
    for given in (config, tmp_path / "settings", str(tmp_path / "settings" / "generation_config.json")):
        found = trainer(tmp_path, generation_config=given)
        assert found.model.generation_config.max_length == 9
    assert found.model.generation_config is not config
    assert settings(tmp_path, generation_config=config).to_dict()["generation_config"]["max_length"] == 9


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="^generation_config: expected a GenerationConfig or where it is, found 3"):
        settings(tmp_path, generation_config=3)
    with pytest.raises(InputError, match="^generation_num_beams: expected"):
        settings(tmp_path, generation_num_beams="four")
    with pytest.raises(InputError, match="^args: expected Seq2SeqTrainingArguments, found TrainingArguments"):
        Seq2SeqTrainer(model=language_model(), args=tf.TrainingArguments(str(tmp_path)))
    with pytest.raises(InputError, match="num_return_sequences|temperature|do_sample"):
        trainer(tmp_path, generation_config=tf.GenerationConfig(do_sample=False, temperature=0.5))


def test_padding_needs_a_token(tmp_path: Path) -> None:
    found = trainer(tmp_path)
    found.model.config.pad_token_id = None
    with pytest.raises(InputError, match="^pad_token_id: missing in the tokenizer and the model"):
        found.predict(rows(), max_length=7)
