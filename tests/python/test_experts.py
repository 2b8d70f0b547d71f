"""The logits of experts' routers, and their load-balancing loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import UnsupportedError
from trustformers.models.other_outputs import MoeCausalLMOutputWithPast, MoeModelOutputWithPast

GOLDENS = Path(__file__).parent.parent / "goldens" / "decoders"
FAMILIES = ("mixtral", "qwen2_moe", "qwen3_moe", "gpt_oss")
IDS = np.array([[5, 6, 7, 8], [9, 10, 11, 0]])
MASK = np.array([[1, 1, 1, 1], [1, 1, 1, 0]])
LABELS = np.array([[5, 6, 7, 8], [9, 10, 11, -100]])


def load(family: str, kind: str = "AutoModelForCausalLM") -> Any:
    return getattr(tf, kind).from_pretrained(GOLDENS / family, dtype="float32", router_aux_loss_coef=0.25)


def load_balance(router_logits: tuple[Any, ...], per_token: int) -> float:
    counted = MASK.reshape(-1).astype(bool)
    logits = np.concatenate([layer[counted] for layer in router_logits]).astype(np.float64)
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    selected = np.zeros_like(weights)
    np.put_along_axis(selected, np.argsort(-weights, -1)[:, :per_token], 1, -1)
    return float((selected.mean(0) * weights.mean(0)).sum() * weights.shape[1])


@pytest.mark.parametrize("family", FAMILIES)
def test_the_loss_has_that_of_the_load_balance(family: str) -> None:
    model = load(family)
    plain = model(IDS, MASK, labels=LABELS)
    assert isinstance(plain, MoeCausalLMOutputWithPast) and plain.aux_loss is None and plain.router_logits is None
    output = model(IDS, MASK, labels=LABELS, output_router_logits=True)
    expected = load_balance(output.router_logits, model.config.num_experts_per_tok)
    assert output.aux_loss == pytest.approx(expected, rel=1e-5)
    assert output.loss == pytest.approx(plain.loss + 0.25 * output.aux_loss, rel=1e-6)
    assert {layer.shape[0] for layer in output.router_logits} == {IDS.size}


def test_the_configuration_asks_for_the_load_balance() -> None:
    model = load("mixtral")
    model.config.output_router_logits = True
    assert model(IDS, MASK, labels=LABELS).aux_loss is not None
    assert model(IDS, MASK, labels=LABELS, output_router_logits=False).aux_loss is None
    found = model.model(IDS, MASK)
    assert isinstance(found, MoeModelOutputWithPast) and len(found.router_logits) == model.config.num_hidden_layers


@pytest.mark.parametrize("training", [True, False])
def test_gradients_of_the_loss_and_of_its_parts_agree(training: bool) -> None:
    model = load("mixtral").train(training)
    names = [name for name, _ in model.named_parameters() if name.endswith("gate.weight")]

    def gradients(of: Any) -> list[Any]:
        model.zero_grad()
        of(model(Tensor(IDS), Tensor(MASK), labels=Tensor(LABELS), output_router_logits=True)).backward()
        return [model.get_parameter(name).grad.numpy().copy() for name in names]

    whole = gradients(lambda output: output.loss)
    model.config.output_router_logits = False
    model.zero_grad()
    model(Tensor(IDS), Tensor(MASK), labels=Tensor(LABELS)).loss.backward()
    plain = [model.get_parameter(name).grad.numpy().copy() for name in names]
    assert names and all(np.abs(one - other).max() > 1e-4 for one, other in zip(whole, plain, strict=True))
    if training:
        balance = gradients(lambda output: output.aux_loss * 0.25)
        for one, first, second in zip(whole, plain, balance, strict=True):
            np.testing.assert_allclose(one, first + second, atol=1e-5)


def test_models_without_routers_refuse_their_logits() -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "llama")
    with pytest.raises(UnsupportedError, match="output_router_logits=True of a model's forward"):
        model(IDS, output_router_logits=True)
