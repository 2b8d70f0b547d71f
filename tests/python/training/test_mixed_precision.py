"""Mixed precision: operands of products in bfloat16 or float16, and losses that are scaled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Trainer, TrainingArguments
from trustformers.errors import InputError, UnsupportedError
from trustformers.peft import LoraConfig, get_peft_model
from trustformers.training import AdamW, GradScaler, autocast, clip_grad_norm_

GOLDENS = Path(__file__).parent.parent.parent / "goldens"
BERT, LLAMA = (GOLDENS / name for name in ("encoders/bert", "decoders/llama"))
IDS = np.array([[5, 6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 4, 4]])
LABELS = np.array([0, 1])
NO_DROPOUT: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def bert(**options: Any) -> Any:
    options = {"dtype": "float32"} | NO_DROPOUT | options
    return tf.AutoModelForSequenceClassification.from_pretrained(BERT, **options).train()


def gradients(model: Any, dtype: str | None, factor: float = 1.0, **labels: Any) -> dict[str, Any]:
    model.zero_grad()
    with autocast("cpu", dtype=dtype, enabled=dtype is not None):
        loss = model(IDS, labels=labels.get("labels", LABELS)).loss
    (loss * factor).backward()
    return {name: w.grad.numpy().copy() for name, w in model.named_parameters() if w.grad is not None}


def distance(found: dict[str, Any], expected: dict[str, Any]) -> float:
    return max(float(np.abs(found[name] - own).max() / (np.abs(own).max() + 1e-3)) for name, own in expected.items())


def test_float16_is_nearer_to_float32_than_bfloat16() -> None:
    model = bert()
    exact = gradients(model, None)
    half, brain = (distance(gradients(model, dtype), exact) for dtype in ("float16", "bfloat16"))
    assert 0.0 < half < 0.25 * brain < 0.1


@pytest.mark.parametrize("options", [{}, {"load_in_4bit": True}, {"load_in_8bit": True}])
def test_adapters_are_trained_in_float16(options: dict[str, Any]) -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(LLAMA, dtype="float32", **options)
    model = get_peft_model(model, LoraConfig(r=4, init_lora_weights=False)).train()
    exact = gradients(model, None, labels=IDS)
    # Quantized weights have products of quantized inputs, in which a rounding may change a step.
    most = 0.1 if options else 0.02
    assert 0.0 < distance(gradients(model, "float16", labels=IDS), exact) < most


def test_checkpointed_layers_round_the_same_products() -> None:
    model = bert()
    expected = gradients(model, "float16")
    model.activation_checkpointing_enable()
    for name, gradient in gradients(model, "float16").items():
        np.testing.assert_array_equal(gradient, expected[name], err_msg=name)


def test_gradients_that_vanish_are_kept_by_scaling() -> None:
    model = bert()
    name = "bert.encoder.layer.0.attention.self.query.weight"
    exact = gradients(model, None)[name]
    assert not gradients(model, "float16", 1e-9)[name].any()
    scaled = gradients(model, "float16", 1e-9 * 2.0**24)[name] / (1e-9 * 2.0**24)
    np.testing.assert_allclose(scaled, exact, atol=0.02 * np.abs(exact).max())


def test_steps_with_gradients_beyond_float16_are_skipped_and_lower_the_scale() -> None:
    model = bert()
    optimizer, scaler = AdamW(model.parameters(), lr=1e-3), GradScaler(init_scale=2.0**40, growth_interval=3)
    before = model.classifier.weight.numpy().copy()
    losses, scales = [], []
    for _ in range(40):
        with autocast(dtype="float16"):
            loss = model(IDS, labels=LABELS).loss
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        clip_grad_norm_(model.parameters(), 1.0)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        losses.append(loss.item())
        scales.append(scaler.get_scale())
        if scaler.num_skipped_steps == len(scales):
            np.testing.assert_array_equal(model.classifier.weight.numpy(), before)
    assert scaler.num_skipped_steps > 5 and scales[0] == 2.0**39
    assert losses[-1] < 0.1 * losses[0] and np.isfinite(losses).all()


def test_other_dtypes_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="autocast to float32; use bfloat16 or float16"):
        autocast(dtype="float32")
    with autocast(dtype="float32", enabled=False):
        pass
    with pytest.raises(InputError, match="gradients are of float16"):
        train(bert(dtype="float16"), "unused", fp16=True)


def train(model: Any, out: Any, scaler: GradScaler | None = None, resume: str | None = None, **options: Any) -> Trainer:
    rows = [
        {"input_ids": ids.tolist(), "label": label}
        for ids, label in zip(IDS.repeat(6, 0), LABELS.repeat(6), strict=True)
    ]
    args = TrainingArguments(
        str(out), disable_tqdm=True, use_cpu=True, logging_steps=1, learning_rate=1e-3, **{"max_steps": 8} | options
    )
    trainer = Trainer(model, args, train_dataset=rows)
    if scaler is not None:
        trainer.scaler = scaler
    trainer.train(resume_from_checkpoint=resume)
    return trainer


def test_a_trainer_scales_losses(tmp_path: Path) -> None:
    found = [train(bert(), tmp_path, save_strategy="no", fp16=fp16) for fp16 in (True, False)]
    half, exact = ([row["loss"] for row in trainer.state.log_history if "loss" in row] for trainer in found)
    np.testing.assert_allclose(half, exact, rtol=0.02, atol=0.01)
    assert half != exact
    assert found[1].scaler is None
    scaler = found[0].scaler
    assert scaler is not None and scaler.get_scale() == 65536.0 and scaler.num_skipped_steps == 0
    assert (scaler.get_growth_factor(), scaler.get_backoff_factor(), scaler.get_growth_interval()) == (2.0, 0.5, 2000)


def test_a_resumed_training_continues_with_the_scale(tmp_path: Path) -> None:
    scaler = GradScaler(init_scale=2.0**30, growth_interval=4)
    whole = train(bert(), tmp_path, scaler, fp16=True, max_steps=24, save_steps=12)
    state = json.loads((tmp_path / "checkpoint-12/scaler.json").read_text())
    assert state["scale"] < 2.0**30 and state["num_skipped_steps"] > 0
    resumed = train(
        bert(), tmp_path, resume=str(tmp_path / "checkpoint-12"), fp16=True, max_steps=24, save_strategy="no"
    )
    assert resumed.scaler is not None and whole.scaler is not None
    assert resumed.scaler.state_dict() == whole.scaler.state_dict()
    assert resumed.scaler.num_skipped_steps == whole.scaler.num_skipped_steps
    for own, expected in zip(resumed.model.parameters(), whole.model.parameters(), strict=True):
        np.testing.assert_array_equal(own.numpy(), expected.numpy())


def test_the_environment_may_ask_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "fp16")
    assert train(bert(), tmp_path, save_strategy="no", max_steps=1).scaler is not None
