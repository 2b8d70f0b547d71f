"""Loops in float16 with scaled losses beside those of torch on the CPU."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf
from trustformers import training

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = np.array([[5, 6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17, 18]])
NO_DROPOUT: dict[str, Any] = {
    "bert": {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    "gpt2": {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0},
    "llama": {},
}
STEPS = 16
# Losses that overflow whatever the scale is, by step.
INFINITE = (3, 9, 10)


def loop(tensor: Any, half: Any, tools: Any, model: Any, labels: Any) -> tuple[list[float], list[float]]:
    losses, scales = [], []
    optimizer, scaler = tools.AdamW(model.parameters(), lr=1e-3), tools.GradScaler("cpu", growth_interval=3)
    ids = tensor(IDS)
    for step in range(STEPS):
        with tools.autocast("cpu", dtype=half):
            loss = model(input_ids=ids, labels=tensor(labels)).loss
        scaler.scale(loss * (float("inf") if step in INFINITE else 1.0)).backward()
        scaler.unscale_(optimizer)
        tools.clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        losses.append(loss.item())
        scales.append(scaler.get_scale())
    return losses, scales


class TorchTools:
    AdamW = torch.optim.AdamW
    GradScaler = torch.amp.GradScaler
    autocast = torch.autocast
    clip_grad_norm_ = staticmethod(torch.nn.utils.clip_grad_norm_)


@pytest.mark.parametrize("checkpointing", [False, True])
@pytest.mark.parametrize("family", sorted(NO_DROPOUT))
def test_losses_and_scales_are_those_of_torch(family: str, checkpointing: bool) -> None:
    kind, head = ("encoders", "SequenceClassification") if family == "bert" else ("decoders", "CausalLM")
    labels = np.array([0, 1]) if family == "bert" else IDS
    found = []
    for library, tensor, half, tools in (
        (transformers, torch.tensor, torch.float16, TorchTools),
        (tf, tf.Tensor, "float16", training),
    ):
        cls = getattr(library, f"AutoModelFor{head}")
        model = cls.from_pretrained(GOLDENS / kind / family, dtype="float32", **NO_DROPOUT[family]).train()
        if checkpointing:
            model.activation_checkpointing_enable()
        found.append(loop(tensor, half, tools, model, labels))
    (losses, scales), (own_losses, own_scales) = found
    assert own_scales == scales and min(scales) < 2.0**16 < max(scales)
    # torch rounds sums and activations to float16 too.
    np.testing.assert_allclose(own_losses, losses, rtol=5e-3, atol=5e-3)
    assert own_losses[-1] < 0.9 * own_losses[0]
