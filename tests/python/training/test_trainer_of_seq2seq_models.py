"""`Seq2SeqTrainer` on encoder-decoders: losses fall, evaluations generate, and accumulated batches are one batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import DataCollatorForSeq2Seq, Seq2SeqTrainer, Seq2SeqTrainingArguments

GOLDENS = Path(__file__).parents[2] / "goldens" / "seq2seq"


class Padding:
    """What a collator asks a tokenizer."""

    padding_side = "right"

    def __init__(self, config: Any) -> None:
        self.pad_token_id = config.pad_token_id
        self.eos_token_id = config.eos_token_id

    def pad(self, rows: Any, **_kwargs: Any) -> dict[str, Any]:
        longest = max(len(row["input_ids"]) for row in rows)
        fill = {"input_ids": self.pad_token_id, "attention_mask": 0}
        return {
            name: tf.Tensor(np.array([row[name] + [by] * (longest - len(row[name])) for row in rows]))
            for name, by in fill.items()
        }

    def save_pretrained(self, directory: str) -> None:
        """Nothing to save."""


def rows(count: int, config: Any) -> list[dict[str, Any]]:
    draws = np.random.default_rng(count)
    found = []
    for _ in range(count):
        ids = [*draws.integers(5, 40, draws.integers(3, 10)).tolist(), config.eos_token_id]
        found.append({"input_ids": ids, "attention_mask": [1] * len(ids), "labels": [*sorted(ids[:3]), ids[-1]]})
    return found


def trainer_of(family: str, path: Path, **settings: Any) -> Seq2SeqTrainer:
    rates: dict[str, Any] = {"dropout_rate": 0.0} if family == "t5" else {"dropout": 0.0, "attention_dropout": 0.0}
    model = tf.AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / family, dtype="float32", **rates)
    options = {
        "per_device_train_batch_size": 4,
        "per_device_eval_batch_size": 4,
        "predict_with_generate": True,
        "generation_max_length": 7,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "use_cpu": True,
        "learning_rate": 5e-3,
    }
    return Seq2SeqTrainer(
        model=model,
        args=Seq2SeqTrainingArguments(str(path), **{**options, **settings}),
        train_dataset=rows(16, model.config),
        eval_dataset=rows(6, model.config),
        data_collator=DataCollatorForSeq2Seq(Padding(model.config), model=model),
    )


@pytest.mark.parametrize("family", ["t5", "bart"])
@pytest.mark.parametrize("settings", [{}, {"label_smoothing_factor": 0.1}, {"bf16": True}], ids=str)
def test_losses_fall_and_evaluations_generate(family: str, settings: dict[str, Any], tmp_path: Path) -> None:
    trainer = trainer_of(family, tmp_path, max_steps=8, generation_num_beams=2, **settings)
    before = trainer.evaluate()
    trainer.train()
    after = trainer.evaluate()
    assert after["eval_loss"] < before["eval_loss"]
    found = trainer.predict(rows(6, trainer.model.config)).predictions
    padding = trainer.model.config.pad_token_id
    # Predictions are padded to the length that the model's settings allow.
    assert (found[:, 7:] == padding).all()
    assert (found[:, :7] != padding).any(axis=1).all()


@pytest.mark.parametrize("family", ["t5", "bart"])
def test_accumulated_batches_are_one_batch(family: str, tmp_path: Path) -> None:
    order = {"max_steps": 4, "train_sampling_strategy": "sequential"}
    curves = []
    for name, settings in (
        ("whole", {"per_device_train_batch_size": 8}),
        ("parts", {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 4}),
    ):
        trainer = trainer_of(family, tmp_path / name, **order, **settings)
        trainer.train()
        logs = [row for row in trainer.state.log_history if "loss" in row]
        curves.append([(row["loss"], row["grad_norm"]) for row in logs])
    assert len(curves[0]) == 4
    np.testing.assert_allclose(curves[0], curves[1], rtol=1e-4)


def test_training_resumes_with_the_same_curve(tmp_path: Path) -> None:
    saved = {"max_steps": 6, "save_strategy": "steps", "save_steps": 3, "seed": 2}
    whole = trainer_of("bart", tmp_path / "whole", **saved)
    whole.train()
    again = trainer_of("bart", tmp_path / "again", **saved)
    again.train(resume_from_checkpoint=str(tmp_path / "whole" / "checkpoint-3"))
    losses = [[row["loss"] for row in one.state.log_history if "loss" in row] for one in (whole, again)]
    assert losses[0] == losses[1]
