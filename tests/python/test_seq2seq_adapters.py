"""Adapters of encoder-decoders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import AutoModelForSeq2SeqLM
from trustformers.errors import InputError
from trustformers.peft import AutoPeftModelForSeq2SeqLM, LoraConfig, PeftModelForSeq2SeqLM, get_peft_model
from trustformers.training import AdamW

GOLDENS = Path(__file__).parents[1] / "goldens" / "seq2seq"
SOURCE = np.array([[5, 6, 7, 8, 9, 1], [9, 8, 7, 1, 0, 0]])
MASK = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
LABELS = np.array([[7, 6, 1], [8, 1, -100]])


def model_of(family: str) -> Any:
    rates: dict[str, Any] = {"dropout_rate": 0.0} if family == "t5" else {"dropout": 0.0, "attention_dropout": 0.0}
    return AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / family, dtype="float32", **rates).train()


@pytest.mark.parametrize("targets", [["q", "v"], "all-linear"])
def test_adapters_alone_are_trained(targets: Any, tmp_path: Path) -> None:
    model: Any = get_peft_model(
        model_of("t5"), LoraConfig(r=2, target_modules=targets, task_type="SEQ_2_SEQ_LM", lora_dropout=0.0)
    )
    assert isinstance(model, PeftModelForSeq2SeqLM)
    optimizer = AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=2e-2)
    losses = []
    for _ in range(8):
        loss = model(input_ids=SOURCE, attention_mask=MASK, labels=LABELS).loss
        loss.backward()
        assert all("lora_" in name for name, weight in model.named_parameters() if weight.grad is not None)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    expected = model.eval().generate(input_ids=SOURCE, attention_mask=MASK, max_new_tokens=4)
    model.save_pretrained(tmp_path)
    again = PeftModelForSeq2SeqLM.from_pretrained(model_of("t5").eval(), tmp_path)
    np.testing.assert_array_equal(again.generate(input_ids=SOURCE, attention_mask=MASK, max_new_tokens=4), expected)
    loaded = AutoPeftModelForSeq2SeqLM.from_pretrained(tmp_path)
    assert isinstance(loaded, PeftModelForSeq2SeqLM)
    merged = model.merge_and_unload()
    np.testing.assert_allclose(
        merged(SOURCE, MASK, labels=LABELS).loss, again(SOURCE, MASK, labels=LABELS).loss, rtol=1e-4
    )


def test_default_targets_of_adapters_are_those_of_the_family() -> None:
    model: Any = get_peft_model(model_of("bart"), LoraConfig(r=2, task_type="SEQ_2_SEQ_LM"))
    names = {name.rpartition(".lora_")[0].rpartition(".")[2] for name, _ in model.named_parameters() if "lora_" in name}
    assert names == {"q_proj", "v_proj"}


def test_a_task_needs_an_encoder_decoder() -> None:
    decoder = tf.AutoModelForCausalLM.from_pretrained(GOLDENS.parent / "decoders" / "llama")
    with pytest.raises(InputError, match="SEQ_2_SEQ_LM, and a LlamaForCausalLM is no encoder-decoder"):
        get_peft_model(decoder, LoraConfig(target_modules=["q_proj"], task_type="SEQ_2_SEQ_LM"))
