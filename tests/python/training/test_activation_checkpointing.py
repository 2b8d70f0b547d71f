"""Activation checkpointing: the same losses and gradients from the inputs of layers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor, Trainer, TrainingArguments
from trustformers.errors import InputError, UnsupportedError
from trustformers.peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
from trustformers.training import autocast

GOLDENS = Path(__file__).parent.parent.parent / "goldens"
FAMILIES = [pytest.param(path.parent, id=path.parent.name) for path in sorted(GOLDENS.glob("*coders/*/config.json"))]
BERT, GPT2, LLAMA = (GOLDENS / name for name in ("encoders/bert", "decoders/gpt2", "decoders/llama"))
IDS = np.array([[5, 6, 7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 4, 4]])
MASK = np.array([[1] * 7, [1] * 5 + [0] * 2])
LABELS = np.where(MASK, IDS, -100)
WITH_DROPOUT = (
    "gemma",
    "gemma2",
    "gemma3_text",
    "gpt2",
    "llama",
    "mistral",
    "olmo",
    "olmo2",
    "qwen2",
    "qwen3",
    "smollm3",
    "bert",
    "camembert",
    "distilbert",
    "ernie",
    "roberta",
    "xlm-roberta",
)
# What several layers share has gradients whose sums are in another order: relative positions, and weights of ALBERT.
TOLERANCES = {name: 1e-6 for name in ("rel_embeddings", "relative_attention_bias", "LayerNorm", "albert_layer_groups")}


def language_model(path: Path, dtype: str = "float32", **options: Any) -> Any:
    head = tf.AutoModelForCausalLM if path.parent.name == "decoders" else tf.AutoModelForMaskedLM
    return head.from_pretrained(path, dtype=dtype, **options).train()


def rates(path: Path, rate: float) -> dict[str, Any]:
    config = json.loads((path / "config.json").read_text())
    return {
        name: rate
        for name, value in config.items()
        if ("drop" in name and isinstance(value, (int, float))) and not isinstance(value, bool)
    }


def step(model: Any, *, mixed: bool = False, **options: Any) -> tuple[float, dict[str, Any]]:
    """The loss and the gradients of a step."""
    tf.set_seed(3)
    model.zero_grad()
    with autocast(enabled=mixed):
        loss = model(Tensor(IDS), attention_mask=Tensor(MASK), labels=Tensor(LABELS), **options).loss
    loss.backward()
    found = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
    return loss.item(), {name: gradient.numpy().copy() for name, gradient in found.items()}


def assert_unchanged(model: Any, **options: Any) -> None:
    expected, gradients = step(model, **options)
    assert any(gradient.any() for gradient in gradients.values())
    for every in (1, 2):
        model.activation_checkpointing_enable(every_n_layers=every)
        assert model.is_activation_checkpointing
        loss, found = step(model, **options)
        assert (loss, found.keys()) == (expected, gradients.keys())
        for name, gradient in gradients.items():
            tolerance = next((most for part, most in TOLERANCES.items() if f"encoder.{part}" in name), 0.0)
            np.testing.assert_allclose(found[name], gradient, rtol=0.0, atol=tolerance, err_msg=name)
    model.activation_checkpointing_disable()
    assert not model.is_activation_checkpointing


@pytest.mark.parametrize("path", FAMILIES)
def test_gradients_of_every_family_are_the_same(path: Path) -> None:
    assert_unchanged(language_model(path, **rates(path, 0.0)))


@pytest.mark.parametrize("name", WITH_DROPOUT)
def test_dropout_has_the_same_masks(name: str) -> None:
    path = next(GOLDENS.glob(f"*coders/{name}"))
    model = language_model(path, **rates(path, 0.2))
    assert step(model)[0] != step(language_model(path, **rates(path, 0.0)))[0]
    assert_unchanged(model)


@pytest.mark.parametrize("path", [BERT, GPT2])
def test_mixed_precision_rounds_the_same_products(path: Path) -> None:
    assert_unchanged(language_model(path, **rates(path, 0.1)), mixed=True)


@pytest.mark.parametrize("path", [BERT, LLAMA])
def test_frozen_layers_below_and_above_are_passed(path: Path) -> None:
    for frozen in ("layer.0.", "layer.1.", "embeddings"):
        model = language_model(path, **rates(path, 0.0))
        for name, weight in model.named_parameters():
            weight.requires_grad_(frozen not in name.replace("layers", "layer").replace("embed_tokens", "embeddings"))
        assert_unchanged(model)


@pytest.mark.parametrize("options", [{}, {"use_dora": True}, {"bias": "all"}])
@pytest.mark.parametrize("path", [BERT, GPT2, LLAMA, GOLDENS / "encoders/albert"])
def test_adapters_have_the_same_gradients(path: Path, options: dict[str, Any]) -> None:
    config = LoraConfig(r=4, lora_dropout=0.2, target_modules="all-linear", init_lora_weights=False, **options)
    rate = 0.1 if path.name in WITH_DROPOUT else 0.0
    assert_unchanged(get_peft_model(language_model(path, **rates(path, rate)), config).train())


def test_adapters_of_a_quantized_model_have_the_same_gradients() -> None:
    model = get_peft_model(language_model(LLAMA, load_in_4bit=True), LoraConfig(r=4, init_lora_weights=False)).train()
    assert_unchanged(model)


def test_preparing_a_quantized_model_turns_it_on() -> None:
    for enabled in (True, False):
        model = prepare_model_for_kbit_training(language_model(LLAMA, load_in_4bit=True), enabled)
        assert model.is_gradient_checkpointing is enabled


@pytest.mark.parametrize("path", [BERT, GOLDENS / "encoders/albert", GOLDENS / "encoders/deberta-v2", GPT2])
def test_gradients_of_hidden_states_and_embeddings_are_the_same(path: Path) -> None:
    model: Any = tf.AutoModel.from_pretrained(path, dtype="float32", **rates(path, 0.0)).train()
    embeds = np.random.default_rng(0).normal(size=(2, 7, model.get_input_embeddings().weight.shape[1]))
    found = []
    for enabled in (False, True):
        if enabled:
            model.activation_checkpointing_enable()
        model.zero_grad()
        x: Any = Tensor(embeds.astype(np.float32)).requires_grad_()
        states = model(inputs_embeds=x, attention_mask=Tensor(MASK), output_hidden_states=True).hidden_states
        total = Tensor(0.0)
        for index, state in enumerate(states):
            total = total + (state * state * (index + 1.0)).sum()
        total.backward()
        gradients = {name: w.grad.numpy().copy() for name, w in model.named_parameters() if w.grad is not None}
        found.append([state.detach().numpy() for state in states] + [x.grad.numpy(), *gradients.values()])
    for own, expected in zip(*found, strict=True):
        # The gradients of a state, up to hundreds, are added up in another order.
        np.testing.assert_allclose(own, expected, rtol=1e-4, atol=1e-3)


def test_evaluation_and_inference_do_not_change() -> None:
    model = language_model(LLAMA)
    expected = step(model.eval())
    model.activation_checkpointing_enable()
    loss, gradients = step(model)
    assert loss == expected[0]
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(gradient, expected[1][name], err_msg=name)
    assert model.generate(IDS[:1], max_new_tokens=2, use_cache=False).shape == (1, 9)


def test_a_part_of_a_model_turns_it_on_for_the_model() -> None:
    model = language_model(BERT)
    with pytest.warns(FutureWarning, match="use activation_checkpointing_enable"):
        model.bert.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    assert model.is_gradient_checkpointing and model.bert.is_gradient_checkpointing
    with pytest.warns(FutureWarning, match="use activation_checkpointing_disable"):
        model.gradient_checkpointing_disable()
    assert not model.bert.is_activation_checkpointing
    model.enable_input_require_grads()
    model.disable_input_require_grads()


def test_arguments_that_mean_nothing_are_refused() -> None:
    model = language_model(BERT)
    with pytest.raises(InputError, match="activation_checkpointing_kwargs: found reentrant, expected debug"):
        model.activation_checkpointing_enable({"reentrant": True})
    for every in (0, True, 1.5):
        with pytest.raises(InputError, match="every_n_layers: expected a positive integer"):
            model.activation_checkpointing_enable(every_n_layers=every)
    with pytest.raises(UnsupportedError, match="every_n_layers"):
        model.activation_checkpointing_enable({"context_fn": print})
    assert not model.is_activation_checkpointing
    model.activation_checkpointing_enable({"use_reentrant": True, "preserve_rng_state": False}, offload=True)


def test_a_trainer_trains_to_the_same_weights(tmp_path: Path) -> None:
    rows = [{"input_ids": ids.tolist(), "labels": ids.tolist()} for ids in IDS.repeat(4, 0)]
    found = []
    every: dict[str, Any] = {"activation_checkpointing": True, "activation_checkpointing_kwargs": {"every_n_layers": 2}}
    for options in ({}, every):
        model = language_model(GPT2, **rates(GPT2, 0.1))
        args = TrainingArguments(
            str(tmp_path), max_steps=4, save_strategy="no", disable_tqdm=True, use_cpu=True, **options
        )
        Trainer(model, args, train_dataset=rows).train()
        assert model.is_activation_checkpointing is bool(options)
        found.append([weight.numpy().copy() for weight in model.parameters()])
    for own, expected in zip(*found, strict=True):
        np.testing.assert_array_equal(own, expected)
