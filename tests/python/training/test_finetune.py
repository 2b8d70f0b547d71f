"""A real task end to end: examples/finetune.py on the real MiniLM, and the model loaded again."""

from __future__ import annotations

import runpy
from pathlib import Path

from trustformers import pipeline

EXAMPLE = Path(__file__).parents[3] / "examples/finetune.py"


def test_the_real_minilm_learns_to_tell_tickets_apart(tmp_path: Path) -> None:
    example = runpy.run_path(str(EXAMPLE))
    trainer = example["finetune"](str(tmp_path / "out"))
    assert trainer.evaluate()["eval_accuracy"] > 0.9
    trainer.save_model(str(tmp_path / "model"))
    answers = pipeline("text-classification", str(tmp_path / "model"))(example["UNSEEN"])
    assert [answer["label"] for answer in answers] == ["billing", "technical"]
