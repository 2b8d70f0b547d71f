"""Writes the orders of examples in which transformers' `Trainer` trains and evaluates, and torch's permutations.

Run with torch and transformers installed:  python tests/goldens/orders/generate.py
"""

import json
import tempfile
from pathlib import Path

import torch
import transformers
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

HERE = Path(__file__).parent
EVALUATED, EPOCHS, BATCH, EVAL_BATCH = 7, 3, 4, 8
# The number of examples, and arguments that are not the defaults.
RUNS = {
    "random": (11, {}),
    "seed": (11, {"seed": 7}),
    "data_seed": (11, {"data_seed": 3}),
    "drop_last": (11, {"dataloader_drop_last": True}),
    "without_seedable_sampler": (11, {"accelerator_config": {"use_seedable_sampler": False}}),
    "grouped": (23, {"train_sampling_strategy": "group_by_length"}),
    "grouped_with_evaluations": (
        23,
        {"train_sampling_strategy": "group_by_length", "eval_strategy": "steps", "eval_steps": 2},
    ),
    "grouped_with_accumulation": (
        23,
        {
            "train_sampling_strategy": "group_by_length",
            "gradient_accumulation_steps": 2,
            "data_seed": 5,
            "eval_strategy": "epoch",
        },
    ),
    "sequential": (11, {"train_sampling_strategy": "sequential"}),
}
# Trainings whose collator draws from torch's generator, as masking does.
DRAWING = {
    "drawing": (11, {"eval_strategy": "steps", "eval_steps": 2}),
    "drawing_with_accumulation": (
        11,
        {"eval_strategy": "steps", "eval_steps": 1, "gradient_accumulation_steps": 2, "eval_on_start": True},
    ),
    "drawing_until_a_step": (11, {"eval_strategy": "steps", "eval_steps": 2, "max_steps": 4}),
}
PERMUTATIONS = [(1, 0), (2, 1), (10, 0), (100, 42), (50, 2**32 - 1), (50, 2**32 + 7), (50, -3), (1000, 12345678901234)]


class Examples(torch.utils.data.Dataset):
    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> dict:
        if index >= self.count:
            raise IndexError(index)
        return {"input_ids": [1 + index] * (1 + 7 * index % 13), "labels": index % 2, "index": index}


def run(count: int, draws: bool, **arguments: object) -> dict:
    """The batches of training, and those of each evaluation; with a number of the collator, if it draws one."""
    orders = {"train": [], "eval": []}
    current = orders["train"]

    def collate(rows: list[dict]) -> dict:
        drawn = [torch.empty((), dtype=torch.int64).random_().item()] if draws else []
        current.append([*(row["index"] for row in rows), *drawn])
        width = max(len(row["input_ids"]) for row in rows)
        ids = torch.tensor([row["input_ids"] + [0] * (width - len(row["input_ids"])) for row in rows])
        return {"input_ids": ids, "labels": torch.tensor([row["labels"] for row in rows])}

    class Recorded(Trainer):
        def evaluate(self, *args: object, **kwargs: object) -> dict:
            nonlocal current
            current = []
            orders["eval"].append(current)
            metrics = super().evaluate(*args, **kwargs)
            current = orders["train"]
            return metrics

    # Dropout would draw from the generator that orders come from.
    config = BertConfig(
        vocab_size=40,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        hidden_dropout_prob=0,
        attention_probs_dropout_prob=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        options = TrainingArguments(
            output_dir=folder,
            num_train_epochs=EPOCHS,
            per_device_train_batch_size=BATCH,
            per_device_eval_batch_size=EVAL_BATCH,
            save_strategy="no",
            report_to="none",
            disable_tqdm=True,
            remove_unused_columns=False,
            use_cpu=True,
            **arguments,
        )
        trainer = Recorded(
            BertForSequenceClassification(config),
            options,
            train_dataset=Examples(count),
            eval_dataset=Examples(EVALUATED),
            data_collator=collate,
        )
        trainer.train()
    return orders


def main() -> None:
    manifest = {
        "transformers": transformers.__version__,
        "torch": torch.__version__.partition("+")[0],
        "epochs": EPOCHS,
        "batch_size": BATCH,
        "eval_batch_size": EVAL_BATCH,
        "evaluated": EVALUATED,
    }
    runs = {
        name: {"examples": count, "arguments": arguments, **run(count, name in DRAWING, **arguments)}
        for name, (count, arguments) in {**RUNS, **DRAWING}.items()
    }
    permutations = [
        {"n": n, "seed": seed, "order": torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()}
        for n, seed in PERMUTATIONS
    ]
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in manifest.items()]
    for key, rows in (("runs", runs), ("permutations", permutations)):
        pairs = rows.items() if isinstance(rows, dict) else None
        inner = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in pairs] if pairs else map(json.dumps, rows)
        brackets = "{}" if pairs else "[]"
        lines.append(f"{json.dumps(key)}: {brackets[0]}\n" + ",\n".join(inner) + f"\n{brackets[1]}")
    (HERE / "orders.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
