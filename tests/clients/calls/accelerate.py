"""accelerate: models and batches that it prepares, seeds, and its utilities for models."""

from __future__ import annotations

from accelerate import Accelerator
from accelerate.utils import extract_model_from_parallel, set_seed


def prepared():
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained("tiny/sentiment")
    accelerator = Accelerator(cpu=True)
    model = accelerator.prepare(AutoModelForSequenceClassification.from_pretrained("tiny/sentiment"))
    inputs = tokenizer(["A good film", "bad"], padding=True, return_tensors="pt").to(accelerator.device)
    logits = accelerator.unwrap_model(model).eval()(**inputs).logits
    return accelerator.gather_for_metrics(logits)


def unwrapped():
    from transformers import AutoModel

    return type(extract_model_from_parallel(AutoModel.from_pretrained("tiny/bert"))).__name__


def seeds():
    import torch

    set_seed(7)
    return torch.rand(3)
