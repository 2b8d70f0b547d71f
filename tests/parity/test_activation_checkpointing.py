"""Activation checkpointing beside that of transformers: the same methods, and the same gradients."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import peft
import pytest
import torch
import transformers
import trustformers as tf
from trustformers.peft import LoraConfig, get_peft_model

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = np.array([[5, 6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17, 18]])
METHODS = ("activation_checkpointing_enable", "activation_checkpointing_disable", "gradient_checkpointing_enable")
NO_DROPOUT = {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0}


@pytest.mark.parametrize("name", METHODS)
def test_methods_have_the_same_arguments(name: str) -> None:
    theirs, ours = (inspect.signature(getattr(library.PreTrainedModel, name)) for library in (transformers, tf))
    assert list(ours.parameters) == list(theirs.parameters)
    for argument, parameter in theirs.parameters.items():
        assert ours.parameters[argument].default == parameter.default


def models(family: str, adapts: bool) -> list[Any]:
    found = []
    for library, adapters in ((transformers, peft), (tf, None)):
        options = NO_DROPOUT if family == "gpt2" else {}
        model = library.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders" / family, dtype="float32", **options)
        if adapts:
            config: Any = (LoraConfig if adapters is None else adapters.LoraConfig)(
                r=4, target_modules=["c_attn"] if family == "gpt2" else ["q_proj", "up_proj"], task_type="CAUSAL_LM"
            )
            model = (get_peft_model if adapters is None else adapters.get_peft_model)(model, config)
        found.append(model.train())
    if adapts:
        rng = np.random.default_rng(0)
        weights = dict(found[1].named_parameters())
        with torch.no_grad(), tf.no_grad():
            for name, theirs in found[0].named_parameters():
                if "lora_" in name:
                    values = 0.1 * rng.normal(size=tuple(theirs.shape)).astype(np.float32)
                    theirs.copy_(torch.from_numpy(values))
                    weights[name].copy_(tf.Tensor(values))
    return found


@pytest.mark.parametrize("adapts", [False, True])
@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_gradients_are_the_same(family: str, adapts: bool) -> None:
    theirs, ours = models(family, adapts)
    for model in (theirs, ours):
        with pytest.warns(FutureWarning, match="activation_checkpointing_enable"):
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        assert model.is_activation_checkpointing
    ids = torch.from_numpy(IDS)
    theirs(input_ids=ids, labels=ids).loss.backward()
    ours(input_ids=tf.Tensor(IDS), labels=tf.Tensor(IDS)).loss.backward()
    found = {name: weight.grad for name, weight in ours.named_parameters() if weight.grad is not None}
    expected = {name: weight.grad for name, weight in theirs.named_parameters() if weight.grad is not None}
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        most = float(gradient.abs().max())
        np.testing.assert_allclose(found[name].numpy(), gradient.numpy(), atol=1e-4 * most + 1e-7, err_msg=name)
