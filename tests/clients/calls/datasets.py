"""datasets: texts tokenized by map, pipelines over a data set, and columns as tensors."""

from __future__ import annotations

from datasets import Dataset

TEXTS = ["A good film", "Anna Smith lives in Berlin and works for a bank", "One, two", "bad and boring"]


def tokenized():
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained("tiny/bert")
    data = Dataset.from_dict({"text": TEXTS})
    return data.map(lambda rows: tokenizer(rows["text"], truncation=True), batched=True, batch_size=2).to_dict()


def tokenized_in_processes():
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained("tiny/bert")
    data = Dataset.from_dict({"text": TEXTS})
    return data.map(lambda row: tokenizer(row["text"], padding="max_length", max_length=12), num_proc=2).to_dict()


def pipeline_over_a_column():
    from transformers import pipeline
    from transformers.pipelines.pt_utils import KeyDataset

    classifier = pipeline("text-classification", model="tiny/sentiment")
    return list(classifier(KeyDataset(Dataset.from_dict({"text": TEXTS}), "text"), batch_size=2))


def batches_of_tensors():
    from torch.utils.data import DataLoader
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding

    tokenizer = AutoTokenizer.from_pretrained("tiny/sentiment")
    model = AutoModelForSequenceClassification.from_pretrained("tiny/sentiment")
    data = Dataset.from_dict({"text": TEXTS}).map(lambda row: tokenizer(row["text"]), remove_columns="text")
    loader = DataLoader(data.with_format("torch"), batch_size=2, collate_fn=DataCollatorWithPadding(tokenizer))
    return [row for batch in loader for row in model(**batch).logits.tolist()]
