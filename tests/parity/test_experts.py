"""The load-balancing loss of experts beside transformers'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf
from padded_batches import collate

GOLDENS = Path(__file__).parent.parent / "goldens" / "decoders"
FAMILIES = ("mixtral", "qwen2_moe", "qwen3_moe", "gpt_oss")
IDS = [[5, 6, 7, 8, 9, 4], [9, 10, 11, 5, 0, 0]]
MASK = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]]
LABELS = [[5, 6, 7, 8, 9, 4], [9, 10, 11, 5, -100, -100]]


@pytest.mark.parametrize("family", FAMILIES)
def test_loss_and_gradients_are_those_of_transformers(family: str) -> None:
    settings: dict[str, Any] = {"dtype": "float32", "router_aux_loss_coef": 0.5, "output_router_logits": True}
    outputs, models = [], []
    for library in (tf, transformers):
        model: Any = library.AutoModelForCausalLM.from_pretrained(GOLDENS / family, **settings).train()
        inputs = {"input_ids": IDS, "attention_mask": MASK, "labels": LABELS}
        output = model(**{name: torch.tensor(values) for name, values in inputs.items()})
        output.loss.backward()
        outputs.append(output)
        models.append(model)
    ours, theirs = outputs
    assert list(ours) == list(theirs)
    assert ours.loss.item() == pytest.approx(theirs.loss.item(), rel=1e-5)
    assert ours.aux_loss.item() == pytest.approx(theirs.aux_loss.item(), rel=1e-5)
    seen = np.array(MASK).reshape(-1).astype(bool)
    assert len(ours.router_logits) == len(theirs.router_logits)
    for found, expected in zip(ours.router_logits, theirs.router_logits, strict=True):
        np.testing.assert_allclose(found.detach()[seen], expected.detach()[seen], atol=1e-4)
    expected = {name: parameter.grad for name, parameter in models[1].named_parameters()}
    compared = 0
    for name, parameter in models[0].named_parameters():
        name = name.replace("block_sparse_moe", "mlp")
        if name in expected:
            largest = max(expected[name].abs().max().item(), 1.0)
            np.testing.assert_allclose(
                parameter.grad.numpy(), expected[name].numpy(), atol=2e-5 * largest, rtol=2e-4, err_msg=name
            )
            compared += "router" in name or "gate.weight" in name
    assert compared


def test_steps_of_trainers_agree(tmp_path: Path) -> None:
    draws = np.random.default_rng(0)
    rows = []
    for length in draws.integers(3, 12, 16):
        ids = draws.integers(4, 80, length).tolist()
        rows.append({"input_ids": ids, "attention_mask": [1] * len(ids), "labels": ids})
    curves = []
    for library in (tf, transformers):
        model: Any = library.AutoModelForCausalLM.from_pretrained(
            GOLDENS / "mixtral", dtype="float32", router_aux_loss_coef=0.5, output_router_logits=True
        )
        settings = library.TrainingArguments(
            output_dir=str(tmp_path / library.__name__),
            use_cpu=True,
            report_to="none",
            max_steps=4,
            per_device_train_batch_size=2,
            gradient_accumulation_steps=2,
            learning_rate=1e-3,
            logging_steps=1,
            save_strategy="no",
            disable_tqdm=True,
        )
        trainer = library.Trainer(model, settings, train_dataset=rows, data_collator=collate)
        trainer.train()
        curves.append([(row["loss"], row["grad_norm"]) for row in trainer.state.log_history if "loss" in row])
    np.testing.assert_allclose(*curves, rtol=1e-4)
