"""Parameters, gradients and modules of models with adapters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.peft import LoraConfig, get_peft_model

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = np.array([[5, 6, 7, 8], [9, 10, 11, 12]])


def llama() -> Any:
    tf.set_seed(0)
    return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")


def config(**settings: Any) -> LoraConfig:
    return LoraConfig(**{"r": 4, "target_modules": ["q_proj", "v_proj"], "init_lora_weights": False, **settings})


def with_adapter(is_own: bool) -> Any:
    """A model with an adapter of its own, or a `PeftModel`."""
    model = llama()
    if not is_own:
        return get_peft_model(model, config(task_type="CAUSAL_LM"))
    model.add_adapter(config())
    return model


def backward(model: Any) -> None:
    model.train()
    model(Tensor(IDS), labels=Tensor(IDS)).loss.backward()


@pytest.mark.parametrize("is_own", [True, False])
def test_zero_grad_clears_the_gradients_of_adapters(is_own: bool) -> None:
    model = with_adapter(is_own)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    backward(model)
    first = [parameter.grad.numpy().copy() for parameter in trained]
    model.zero_grad()
    assert all(parameter.grad is None for parameter in trained)
    backward(model)
    for parameter, expected in zip(trained, first, strict=True):
        np.testing.assert_allclose(parameter.grad.numpy(), expected, atol=1e-6)
    model.zero_grad(set_to_none=False)
    assert all(not parameter.grad.numpy().any() for parameter in trained)


@pytest.mark.parametrize("is_own", [True, False])
def test_adapters_are_frozen_and_counted_with_the_model(is_own: bool) -> None:
    model, plain = with_adapter(is_own), llama()
    added = sum(parameter.numel() for name, parameter in model.named_parameters() if ".lora_" in name)
    assert added == 3 * (4 * (40 + 48) + 4 * (40 + 24))
    assert model.num_parameters() == plain.num_parameters() + added
    assert model.num_parameters(only_trainable=True) == added
    assert model.get_memory_footprint() == plain.get_memory_footprint() + 4 * added
    assert not any(parameter.requires_grad for parameter in model.requires_grad_(False).parameters())
    assert all(parameter.requires_grad for parameter in model.requires_grad_(True).parameters())


def test_names_of_a_model_with_an_adapter_of_its_own_are_in_its_order() -> None:
    model = with_adapter(is_own=True)
    names = [name.replace(".base_layer.", ".") for name in model.state_dict() if ".lora_" not in name]
    assert names == [*llama().state_dict()]


@pytest.mark.parametrize("is_own", [True, False])
def test_layers_have_the_tensors_and_settings_of_their_adapters(is_own: bool) -> None:
    model = with_adapter(is_own)
    base = model if is_own else model.get_base_model()
    layer = base.model.layers[0].self_attn.q_proj
    by_name = {name.removeprefix("base_model.model."): module for name, module in model.named_modules()}
    for found in (layer, by_name["model.layers.0.self_attn.q_proj"]):
        assert found.lora_A["default"].weight.shape == (4, 40)
        assert found.lora_B.default.weight.shape == (48, 4)
        assert found.scaling == {"default": 2.0} and found.r == {"default": 4}
        assert found.in_features == 40 and found.weight.shape == (48, 40)
        assert not hasattr(found, "lora_embedding_A")
    assert not hasattr(base.model.layers[0].self_attn.k_proj, "lora_A")
    assert not hasattr(llama().model.layers[0].self_attn.q_proj, "lora_A")
