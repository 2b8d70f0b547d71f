"""Encoder-decoders with adapters beside those of PEFT: parameters, gradients and files."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import peft
import pytest
import torch
import transformers
import trustformers as tf
from trustformers.peft import PeftModel, get_peft_model

GOLDENS = Path(__file__).parent.parent / "goldens" / "seq2seq"
INPUTS = {
    "input_ids": np.array([[5, 6, 7, 8, 9, 1], [9, 8, 7, 1, 0, 0]]),
    "attention_mask": np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]]),
    "labels": np.array([[7, 6, 1], [8, 1, -100]]),
}
RATES = {"t5": {"dropout_rate": 0.0}, "bart": {"dropout": 0.0, "attention_dropout": 0.0, "activation_dropout": 0.0}}
CASES = [
    pytest.param("t5", {}, id="t5"),
    pytest.param("t5", {"target_modules": "all-linear"}, id="t5-all"),
    pytest.param("t5", {"target_modules": ["q", "k", "wo"], "use_dora": True}, id="t5-dora"),
    pytest.param("bart", {}, id="bart"),
    pytest.param("bart", {"target_modules": "all-linear", "bias": "all"}, id="bart-all-biases"),
    pytest.param(
        "bart", {"target_modules": ["v_proj", "fc2"], "modules_to_save": ["layernorm_embedding"]}, id="bart-saved"
    ),
]


def reference_of(family: str) -> Any:
    return transformers.AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / family, dtype=torch.float32, **RATES[family])


def own_of(family: str) -> Any:
    return tf.AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / family, dtype="float32", **RATES[family])


@pytest.mark.parametrize(("family", "config"), CASES)
def test_adapters_are_those_of_peft(family: str, config: dict[str, Any], tmp_path: Path) -> None:
    config = {"r": 3, "task_type": "SEQ_2_SEQ_LM", **config}
    torch.manual_seed(0)
    reference = peft.get_peft_model(reference_of(family), peft.LoraConfig(**copy.deepcopy(config)))
    ours: Any = get_peft_model(own_of(family), peft.LoraConfig(**copy.deepcopy(config)))
    assert type(ours).__name__ == type(reference).__name__ == "PeftModelForSeq2SeqLM"
    found, expected = (
        {name: (tuple(parameter.shape), parameter.requires_grad) for name, parameter in model.named_parameters()}
        for model in (ours, reference)
    )
    assert found == expected
    with torch.no_grad():
        for parameter in reference.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn(parameter.shape) * 0.1)
    reference.save_pretrained(tmp_path)
    ours = PeftModel.from_pretrained(own_of(family), tmp_path, is_trainable=True).train()
    if config.get("bias") == "all":
        # Biases of layers without adapters are no part of the file.
        state = {name: tf.Tensor(value.numpy()) for name, value in reference.state_dict().items()}
        ours.load_state_dict(state, strict=False)
    loss = ours(**INPUTS).loss
    wanted = reference.train()(**{name: torch.tensor(array) for name, array in INPUTS.items()}).loss
    assert loss.item() == pytest.approx(wanted.item(), rel=1e-5)
    loss.backward()
    wanted.backward()
    gradients = {name: parameter.grad for name, parameter in reference.named_parameters()}
    largest = max(gradient.abs().max().item() for gradient in gradients.values() if gradient is not None)
    for name, parameter in ours.named_parameters():
        if gradients[name] is None:
            assert parameter.grad is None or not parameter.grad.numpy().any(), name
            continue
        np.testing.assert_allclose(
            parameter.grad.numpy(), gradients[name].numpy(), atol=1e-5 * largest, rtol=1e-4, err_msg=name
        )
