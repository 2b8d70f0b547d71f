"""Parameters, gradients and modules of models with adapters, and what is refused of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.peft import LoraConfig, PeftModel, get_peft_model
from trustformers.safetensors import load_file
from trustformers.tensor import no_grad

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


def test_an_adapter_of_the_embeddings_is_saved_without_the_output_layer_that_is_tied_to_them(tmp_path: Path) -> None:
    get_peft_model(llama(), config(target_modules=["q_proj", "embed_tokens"])).save_pretrained(tmp_path)
    tables = [key for key in load_file(tmp_path / "adapter_model.safetensors") if "lora_" not in key]
    assert tables == ["base_model.model.model.embed_tokens.base_layer.weight"]


def test_a_model_that_is_adapted_again_gets_a_new_adapter(caplog: pytest.LogCaptureFixture) -> None:
    base = llama()
    expected = base(IDS).logits
    first = get_peft_model(base, config(task_type="CAUSAL_LM"))
    assert np.abs(first(IDS).logits - expected).max() > 0.01
    second = get_peft_model(base, config(task_type="CAUSAL_LM", init_lora_weights=True, r=2))
    assert "has an adapter 'default' already, which is replaced" in caplog.text
    np.testing.assert_allclose(second(IDS).logits, expected, atol=1e-6)
    assert sum(parameter.requires_grad for parameter in second.parameters()) == 12
    with pytest.raises(InputError, match="matches no module"):
        get_peft_model(base, config(target_modules=["query"]))
    assert second.active_peft_config.r == 2
    with pytest.raises(InputError, match="found PeftModelForCausalLM; use its add_adapter"):
        get_peft_model(second, config())  # type: ignore[arg-type]  # the error's subject


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target_modules": "q_proj"}, r"'q_proj' matches no module; for modules of that name pass \['q_proj'\]"),
        ({"target_modules": []}, "target_modules: an empty list matches no module"),
        ({"lora_alpha": "16"}, "lora_alpha: expected a number, found '16'"),
        ({"alpha_pattern": {"q_proj": None}}, r"alpha_pattern\['q_proj'\]: expected a number, found None"),
    ],
)
def test_settings_that_are_wrong_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        get_peft_model(llama(), config(**settings))


def test_only_models_that_generate_are_causal_language_models() -> None:
    model = tf.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders/bert")
    with pytest.raises(InputError, match="task_type: CAUSAL_LM, and a BertForSequenceClassification generates no text"):
        get_peft_model(model, config(target_modules=["query"], task_type="CAUSAL_LM"))


def test_a_loaded_adapter_is_used_instead_of_the_others(tmp_path: Path) -> None:
    """As in transformers; a `PeftModel` goes on using the others."""
    base = llama()
    for name, module in (("first", "q_proj"), ("second", "k_proj")):
        get_peft_model(llama(), config(target_modules=[module])).save_pretrained(tmp_path / name)
    expected = []
    for name in ("first", "second"):
        model = llama()
        model.load_adapter(tmp_path / name)
        expected.append(model(IDS).logits)
        base.load_adapter(tmp_path / name, name)
        assert base.active_adapters() == [name]
        np.testing.assert_array_equal(base(IDS).logits, expected[-1])
        assert not any(parameter.requires_grad for parameter in base.parameters())
    base.load_adapter(tmp_path / "first", "third", is_trainable=True)
    assert all(".third." in name for name, parameter in base.named_parameters() if parameter.requires_grad)
    wrapped = PeftModel.from_pretrained(llama(), tmp_path / "first", device_map={"": "cpu"}, torch_dtype="float32")
    wrapped.load_adapter(tmp_path / "second", "second")
    np.testing.assert_array_equal(wrapped(IDS).logits, expected[0])
    with pytest.raises(UnsupportedError, match="device_map with the devices cpu, cuda:0"):
        PeftModel.from_pretrained(llama(), tmp_path / "first", device_map={"a": "cpu", "b": "cuda:0"})


def test_a_merged_model_has_no_adapters_any_more() -> None:
    model = with_adapter(is_own=False)
    expected = model(IDS).logits
    merged = model.merge_and_unload()
    np.testing.assert_allclose(model(IDS).logits, expected, atol=1e-5)
    assert merged is model.get_base_model()
    assert not hasattr(model, "peft_config") and not hasattr(model, "active_adapters")
    with pytest.raises(InputError, match="no adapters any more: they were merged or unloaded"):
        model.set_adapter("default")
    with pytest.raises(InputError, match="no adapters any more"):
        model.save_pretrained("nowhere")


@pytest.mark.parametrize(
    "settings",
    [
        {"target_modules": ["q_proj", "embed_tokens"]},
        {"target_modules": ["embed_tokens"], "use_dora": True, "init_lora_weights": True},
        {"modules_to_save": ["embed_tokens"]},
    ],
)
def test_embeddings_are_those_of_the_adapter_that_is_used(settings: dict[str, Any]) -> None:
    untied = tf.AutoModelForCausalLM.from_pretrained(
        GOLDENS / "decoders/llama", dtype="float32", tie_word_embeddings=False
    )
    model = get_peft_model(untied, config(**settings))
    plain = model.get_input_embeddings()(IDS)
    names = ("lora_embedding_A", "lora_magnitude_vector", "modules_to_save")
    with no_grad():
        for name, parameter in model.named_parameters():
            if any(part in name for part in names):
                parameter.copy_(parameter * 2.0 + 0.1)
    embeddings = model.get_input_embeddings()
    found = embeddings(IDS)
    assert np.abs(found - plain).max() > 0.01
    np.testing.assert_allclose(model(inputs_embeds=found).logits, model(IDS).logits, atol=1e-5)
    (embeddings(Tensor(IDS)) ** 2).mean().backward()
    trained = {name for name, parameter in model.named_parameters() if parameter.grad is not None}
    assert trained == {
        name for name, parameter in model.named_parameters() if parameter.requires_grad and ".embed_tokens." in name
    }
    with model.disable_adapter():
        np.testing.assert_array_equal(embeddings(IDS), untied.model.embed_tokens.weight.numpy()[IDS])


@pytest.mark.parametrize("is_own", [True, False])
def test_a_model_shows_which_modules_have_an_adapter(is_own: bool) -> None:
    model = with_adapter(is_own)
    text = repr(model)
    assert "(q_proj): lora.Linear(in_features=40, out_features=48, bias=False, r={'default': 4})" in text
    assert "(k_proj): Linear(in_features=40, out_features=24, bias=False)" in text
    assert "(0-2): 3 x Module(" in text and "AdaptedModule" not in text
    saved = get_peft_model(llama(), config(modules_to_save=["norm"]))
    assert "(norm): RMSNorm((40,), modules_to_save=['default'])" in repr(saved)
    tree = dict(model.named_modules())
    name = "model.layers.0.self_attn.q_proj" if is_own else "base_model.model.model.layers.0.self_attn.q_proj"
    assert repr(tree[name]).startswith("lora.Linear(")
    assert "weight=(4, 40)" in repr(tree[f"{name}.lora_A"])


def test_the_adapter_that_is_left_is_used_and_trained_as_the_deleted_one_was() -> None:
    model = with_adapter(is_own=False)
    model.add_adapter("other", config(target_modules=["k_proj"]))
    expected = {name for name, _ in model.named_parameters() if ".other." in name}
    model.delete_adapter("default")
    assert model.active_adapters == ["other"]
    assert {name for name, parameter in model.named_parameters() if parameter.requires_grad} == expected
