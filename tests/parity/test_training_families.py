"""Every family and head in a few steps of `Trainer` beside that of transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf

GOLDENS = Path(__file__).parent.parent / "goldens"
HEADS = {
    "encoders": ("SequenceClassification", "TokenClassification", "MaskedLM"),
    "decoders": ("SequenceClassification", "TokenClassification", "CausalLM"),
}
CASES = [
    pytest.param(path.parent, head, id=f"{path.parent.name}-{head}")
    for path in sorted(GOLDENS.glob("*coders/*/config.json"))
    for head in HEADS[path.parent.parent.name]
]
STEPS = 5
CLASSES = 3
IGNORED = -100


def rows(count: int, head: str, vocab: int, pad: int) -> list[dict[str, Any]]:
    draws = np.random.default_rng(count)
    found = []
    for index in range(count):
        ids = draws.integers(4, vocab, draws.integers(3, 12))
        # The padding token within a row would count as padding for classifiers of decoders.
        ids = np.where(ids == pad, 4, ids).tolist()
        labels: Any = {
            "SequenceClassification": index % CLASSES,
            "TokenClassification": [IGNORED if token % 4 == 0 else token % CLASSES for token in ids],
            "MaskedLM": [token if token % 3 == 0 or at == 0 else IGNORED for at, token in enumerate(ids)],
            "CausalLM": ids,
        }[head]
        found.append({"input_ids": ids, "attention_mask": [1] * len(ids), "labels": labels})
    return found


def collator(pad: int) -> Any:
    def collate(features: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        length = max(len(row["input_ids"]) for row in features)
        pads = {"input_ids": pad, "attention_mask": 0, "labels": IGNORED}
        found = {}
        for name, by in pads.items():
            values = [row[name] for row in features]
            found[name] = torch.tensor(
                [value + [by] * (length - len(value)) if isinstance(value, list) else value for value in values]
            )
        return found

    return collate


def checkpoint(directory: Path, family: Path, head: str) -> tuple[Path, int, int]:
    """A golden checkpoint with a head and without dropout, the size of its vocabulary, and its padding token."""
    kwargs: dict[str, Any] = {} if head.endswith("LM") else {"num_labels": CLASSES, "ignore_mismatched_sizes": True}
    torch.manual_seed(1)
    try:
        model = getattr(transformers, f"AutoModelFor{head}").from_pretrained(family, dtype=torch.float32, **kwargs)
    except ValueError as error:
        pytest.skip(f"transformers has no such model: {str(error)[:60]}")
    for name, value in model.config.to_dict().items():
        if ("drop" in name or name == "router_jitter_noise") and isinstance(value, float):
            setattr(model.config, name, 0.0)
    if head == "TokenClassification":
        # Decoders that say nothing of it drop out a tenth of what the classifier reads.
        model.config.classifier_dropout = 0.0
    if head == "SequenceClassification":
        model.config.problem_type = "single_label_classification"
    model.save_pretrained(directory)
    return directory, model.config.vocab_size, model.config.pad_token_id


def trained(library: Any, head: str, given: tuple[Path, int, int], out: Path) -> Any:
    source, vocab, pad = given
    trainer = library.Trainer(
        model=getattr(library, f"AutoModelFor{head}").from_pretrained(source),
        args=library.TrainingArguments(
            output_dir=str(out),
            use_cpu=True,
            report_to="none",
            max_steps=STEPS,
            per_device_train_batch_size=4,
            learning_rate=3e-4,
            logging_steps=1,
            save_strategy="no",
            disable_tqdm=True,
            weight_decay=0.1,
        ),
        train_dataset=rows(13, head, vocab, pad),
        data_collator=collator(pad),
    )
    trainer.train()
    return trainer


@pytest.mark.parametrize(("family", "head"), CASES)
def test_steps_are_those_of_transformers(family: Path, head: str, tmp_path: Path) -> None:
    given = checkpoint(tmp_path / "model", family, head)
    if not hasattr(tf, f"AutoModelFor{head}"):
        pytest.skip("no such head")
    theirs, ours = (trained(library, head, given, tmp_path / library.__name__) for library in (transformers, tf))
    for name in ("loss", "grad_norm", "learning_rate"):
        curves = [[row[name] for row in one.state.log_history if name in row] for one in (ours, theirs)]
        np.testing.assert_allclose(*curves, rtol=1e-4, err_msg=name)
