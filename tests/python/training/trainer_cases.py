"""Models, data and settings of the tests of `Trainer`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import trustformers as tf

GOLDENS = Path(__file__).parents[2] / "goldens"
BERT = GOLDENS / "encoders/bert"
WITHOUT_DROPOUT: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def classifier(**kwargs: Any) -> Any:
    tf.set_seed(3)
    options = {"num_labels": 3, "ignore_mismatched_sizes": True, **WITHOUT_DROPOUT, **kwargs}
    return tf.AutoModelForSequenceClassification.from_pretrained(BERT, dtype="float32", **options)


def language_model(family: str = "llama") -> Any:
    options: dict[str, Any] = {"attention_dropout": 0.0} if family == "llama" else {}
    return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / family, dtype="float32", **options)


def rows(count: int = 24, length: int = 6) -> list[dict[str, Any]]:
    ids = np.random.default_rng(0).integers(5, 80, (count, length))
    return [{"input_ids": row.tolist(), "labels": index % 3} for index, row in enumerate(ids)]


def tokens(count: int = 12) -> list[dict[str, Any]]:
    """Rows of one length with different numbers of labels."""
    ids = np.random.default_rng(1).integers(5, 80, (count, 7))
    labels = np.where(np.arange(7) < 2 + np.arange(count)[:, None] % 5, ids, -100)
    return [{"input_ids": row.tolist(), "labels": own.tolist()} for row, own in zip(ids, labels, strict=True)]


def padded(features: list[dict[str, Any]]) -> dict[str, Any]:
    """A batch of rows of several lengths."""
    length = max(len(row["input_ids"]) for row in features)
    return {
        "input_ids": np.array([row["input_ids"] + [0] * (length - len(row["input_ids"])) for row in features]),
        "attention_mask": np.array([[index < len(row["input_ids"]) for index in range(length)] for row in features])
        * 1,
        "labels": np.array([row["labels"] for row in features]),
    }


def settings(path: Path, **kwargs: Any) -> tf.TrainingArguments:
    options = {"max_steps": 4, "per_device_train_batch_size": 4, "logging_steps": 1, "save_strategy": "no"}
    return tf.TrainingArguments(str(path), **{**options, "learning_rate": 1e-3, "disable_tqdm": True, **kwargs})


def trainer(path: Path, model: Any = None, *, data: Any = None, kind: Any = tf.Trainer, **kwargs: Any) -> Any:
    names = (
        *("model_init", "eval_dataset", "compute_metrics", "callbacks", "optimizers", "optimizer_cls_and_kwargs"),
        *("data_collator", "processing_class", "compute_loss_func", "preprocess_logits_for_metrics"),
    )
    own = {name: kwargs.pop(name) for name in names if name in kwargs}
    if model is None and "model_init" not in own:
        model = classifier()
    return kind(model=model, args=settings(path, **kwargs), train_dataset=rows() if data is None else data, **own)


def losses(found: Any) -> list[float]:
    return [entry["loss"] for entry in found.state.log_history if "loss" in entry]


def weights(found: Any) -> dict[str, Any]:
    return {name: weight.detach().numpy().copy() for name, weight in found.model.state_dict().items()}
