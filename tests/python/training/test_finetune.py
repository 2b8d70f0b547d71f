"""A real task end to end: the examples that fine-tune the real MiniLM, and the models loaded again."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
from trustformers import AutoTokenizer, pipeline
from trustformers.peft import AutoPeftModelForSequenceClassification

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_the_real_minilm_learns_to_tell_tickets_apart(tmp_path: Path) -> None:
    example = runpy.run_path(str(EXAMPLES / "finetune.py"))
    trainer = example["finetune"](str(tmp_path / "out"))
    assert trainer.evaluate()["eval_accuracy"] > 0.9
    trainer.save_model(str(tmp_path / "model"))
    answers = pipeline("text-classification", str(tmp_path / "model"))(example["UNSEEN"])
    assert [answer["label"] for answer in answers] == ["billing", "technical"]


def test_an_adapter_of_the_real_minilm_learns_to_tell_tickets_apart(tmp_path: Path) -> None:
    example = runpy.run_path(str(EXAMPLES / "finetune_lora.py"))
    trainer = example["finetune"](str(tmp_path / "out"))
    assert trainer.evaluate()["eval_accuracy"] > 0.9
    trainer.save_model(str(tmp_path / "adapter"))
    files = {path.name: path.stat().st_size for path in (tmp_path / "adapter").iterdir()}
    assert files["adapter_model.safetensors"] < 2**20
    assert "model.safetensors" not in files
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "adapter")
    inputs = tokenizer(example["UNSEEN"], padding=True, return_tensors="np")
    loaded = AutoPeftModelForSequenceClassification.from_pretrained(tmp_path / "adapter", **example["NAMES"])
    before = loaded(**inputs).logits
    merged = loaded.merge_and_unload()
    np.testing.assert_allclose(merged(**inputs).logits, before, atol=1e-4)
    answers = pipeline("text-classification", merged, tokenizer=tokenizer)(example["UNSEEN"])
    assert [answer["label"] for answer in answers] == ["billing", "technical"]
