"""Trainings with dropout: the same seed gives the same curve, also after a resumption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf

BERT = Path(__file__).parents[2] / "goldens/encoders/bert"


def trained(folder: Path, resume: str | None = None, **arguments: Any) -> tuple[list[float], dict[str, Any]]:
    """The logged losses and the final weights."""
    rng = np.random.default_rng(0)
    rows = [
        {"input_ids": rng.integers(5, 90, 8).tolist(), "attention_mask": [1] * 8, "labels": index % 2}
        for index in range(32)
    ]
    model = tf.AutoModelForSequenceClassification.from_pretrained(BERT)
    settings = tf.TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=3,
        per_device_train_batch_size=8,
        learning_rate=1e-3,
        logging_steps=2,
        save_steps=5,
        disable_tqdm=True,
        **arguments,
    )
    trainer = tf.Trainer(model=model, args=settings, train_dataset=rows)
    trainer.train(resume_from_checkpoint=resume)
    losses = [log["loss"] for log in trainer.state.log_history if "loss" in log]
    return losses, {name: weight.detach().numpy().copy() for name, weight in model.named_parameters()}


@pytest.mark.parametrize("arguments", [{}, {"bf16": True}, {"optim": "adamw_8bit"}])
def test_a_resumed_training_is_the_uninterrupted_one(arguments: dict[str, Any], tmp_path: Path) -> None:
    losses, weights = trained(tmp_path, **arguments)
    assert losses == trained(tmp_path / "again", **arguments)[0]
    resumed, others = trained(tmp_path, str(tmp_path / "checkpoint-5"), **arguments)
    assert resumed == losses
    for name, weight in weights.items():
        np.testing.assert_array_equal(others[name], weight, err_msg=name)


def test_dropout_and_mixed_precision_change_the_losses(tmp_path: Path) -> None:
    losses = [trained(tmp_path / "exact")[0], trained(tmp_path / "rounded", bf16=True)[0]]
    assert losses[0] != losses[1] and losses[0] == pytest.approx(losses[1], rel=2e-2)
    assert losses[0] != trained(tmp_path / "other", seed=7)[0]
