"""Trains a tiny model with a Trainer, in one process or several; rank 0 writes what there is to compare.

train.py OUT CASE [SETTINGS as JSON]
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import trustformers as tf
from trustformers import distributed
from trustformers.training.callbacks import TrainerCallback

GOLDENS = Path(__file__).resolve().parents[3] / "goldens"
NO_DROPOUT: dict[str, Any] = dict.fromkeys(("hidden_dropout_prob", "attention_probs_dropout_prob"), 0.0)


def examples(head: str, count: int, seed: int) -> list[dict[str, Any]]:
    generator = np.random.default_rng(seed)
    rows = []
    for _ in range(count):
        ids = generator.integers(5, 80, generator.integers(4, 14)).tolist()
        labels: Any = ids if head == "causal_lm" else int(generator.integers(0, 3))
        rows.append({"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels})
    return rows


def collate(rows: list[dict[str, Any]]) -> dict[str, Any]:
    width = max(len(row["input_ids"]) for row in rows)

    def padded(name: str, value: int) -> Any:
        return np.array([row[name] + [value] * (width - len(row[name])) for row in rows])

    labels = (
        padded("labels", -100) if isinstance(rows[0]["labels"], list) else np.array([row["labels"] for row in rows])
    )
    return {"input_ids": padded("input_ids", 0), "attention_mask": padded("attention_mask", 0), "labels": labels}


def model_of(head: str, **settings: Any) -> Any:
    if head == "causal_lm":
        return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32", **settings)
    return tf.AutoModelForSequenceClassification.from_pretrained(
        GOLDENS / "encoders/bert", dtype="float32", num_labels=3, ignore_mismatched_sizes=True, **NO_DROPOUT
    )


class Faults(TrainerCallback):
    """What goes wrong in rank 1 after the third step."""

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step != 3 or args.process_index != 1:
            return
        if self.fault == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.fault == "raises":
            raise LookupError("the fault of rank 1")
        if self.fault == "hangs":
            time.sleep(600)
        if self.fault == "cut":
            # The cable of this host, which two_hosts.sh names after it.
            subprocess.run(["ip", "link", "set", f"v{os.uname().nodename}", "down"], check=True)
        if self.fault == "stops":
            control.should_training_stop = True


def accuracy(found: Any) -> dict[str, float]:
    return {"accuracy": float((found.predictions.argmax(-1) == found.label_ids).mean()), "rows": len(found.label_ids)}


def main() -> None:
    out, head, *rest = sys.argv[1:]
    options: dict[str, Any] = json.loads(rest[0]) if rest else {}
    fault, resume, count = options.pop("fault", ""), options.pop("resume", None), options.pop("count", 40)
    rank = distributed.get_rank()
    if fault == "disagrees":
        count += rank
    settings: dict[str, Any] = {
        "num_train_epochs": 2,
        "learning_rate": 1e-3,
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "seed": 7,
        **options,
    }
    # The classifier's weights are random; those of rank 0 replace the others.
    tf.set_seed(rank)
    trainer = tf.Trainer(
        model=model_of(head),
        args=tf.TrainingArguments(out, **settings),
        train_dataset=examples(head, count, 1 + (rank if fault == "shuffles" else 0)),
        eval_dataset=examples(head, 21, 2),
        data_collator=collate,
        compute_metrics=None if head == "causal_lm" else accuracy,
        callbacks=[Faults(fault)],
    )
    trainer.train(resume_from_checkpoint=resume)
    found = trainer.predict(examples(head, 21, 2))
    weights = {name: weight.detach().numpy() for name, weight in trainer.model.named_parameters()}
    digests = distributed.all_gather_object({name: float(np.abs(value).sum()) for name, value in weights.items()})
    assert all(own == digests[0] for own in digests), "the weights of the ranks differ"
    if trainer.is_world_process_zero():
        np.savez(Path(out) / "weights.npz", **weights, **{"predictions": found.predictions})
        (Path(out) / "log.json").write_text(json.dumps([trainer.state.log_history, found.metrics]))


if __name__ == "__main__":
    main()
