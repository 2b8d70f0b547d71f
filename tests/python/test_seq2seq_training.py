"""Encoder-decoders in training mode: gradients, dropout, precision, and arguments that do not fit."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import AutoModelForSeq2SeqLM, Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.training import AdamW, autocast

GOLDENS = Path(__file__).parents[1] / "goldens" / "seq2seq"
FAMILIES = sorted(config.parent.name for config in GOLDENS.glob("*/config.json"))
SOURCE = np.array([[5, 6, 7, 8, 9, 1], [9, 8, 7, 1, 0, 0]])
MASK = np.array([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
LABELS = np.array([[7, 6, 1], [8, 1, -100]])
RATES = ("dropout_rate", "dropout", "attention_dropout", "activation_dropout", "classifier_dropout")
NO_LAYERDROP = {"encoder_layerdrop": 0.0, "decoder_layerdrop": 0.0}


def model_of(family: str, rate: float = 0.0, **changes: Any) -> Any:
    config = tf.AutoConfig.from_pretrained(GOLDENS / family)
    for name in RATES:
        if hasattr(config, name):
            setattr(config, name, rate)
    for name, value in ({**NO_LAYERDROP, "decoder_start_token_id": 2} | changes).items():
        if hasattr(config, name):
            setattr(config, name, value)
    return AutoModelForSeq2SeqLM.from_pretrained(GOLDENS / family, config=config, dtype="float32").train()


def gradients(model: Any, **given: Any) -> tuple[float, dict[str, np.ndarray]]:
    loss = model(SOURCE, MASK, **({"labels": LABELS} | given)).loss
    loss.backward()
    found = {name: weight.grad.numpy() for name, weight in model.named_parameters() if weight.grad is not None}
    model.zero_grad()
    return float(loss.item()), found


@pytest.mark.parametrize("family", FAMILIES)
def test_steps_lower_the_loss(family: str) -> None:
    model = model_of(family)
    optimizer = AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(6):
        loss = model(SOURCE, MASK, labels=LABELS).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert model.eval()(SOURCE, MASK, labels=LABELS).loss == pytest.approx(losses[-1], rel=0.5)


def test_gradients_are_differences_of_the_loss() -> None:
    model = model_of("t5")
    _, found = gradients(model)
    steps = {
        "shared.weight": None,
        "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight": None,
        "decoder.block.1.layer.1.EncDecAttention.k.weight": None,
        "decoder.block.0.layer.2.DenseReluDense.wo.weight": None,
    }
    for name in steps:
        gradient = found[name]
        at = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        weight = model.get_parameter(name)
        moved = []
        for step in (2e-2, -2e-2):
            values = weight.detach().clone()
            values[at] += step
            other = copy.deepcopy(model).eval()
            other.load_state_dict({name: values}, strict=False)
            moved.append(float(other(SOURCE, MASK, labels=LABELS).loss))
        assert (moved[0] - moved[1]) / 4e-2 == pytest.approx(float(gradient[at]), rel=0.03), name


def test_a_shared_table_has_one_gradient_and_buffers_have_none() -> None:
    model = model_of("bart")
    _, found = gradients(model)
    assert "model.shared.weight" in found
    assert "lm_head.weight" not in found
    assert "final_logits_bias" not in found


@pytest.mark.parametrize("family", ["t5", "bart"])
def test_frozen_weights_have_no_gradient(family: str) -> None:
    model = model_of(family)
    _, everything = gradients(model)
    encoder = model.get_submodule("encoder" if family == "t5" else "model.encoder")
    encoder.requires_grad_(False)
    _, found = gradients(model)
    assert found
    assert not any(".encoder." in f".{name}" for name in found)
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient, everything[name], rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("family", ["t5", "umt5", "bart", "m2m_100"])
@pytest.mark.parametrize("every", [1, 2])
def test_checkpointed_layers_have_the_same_gradients(family: str, every: int) -> None:
    model = model_of(family, rate=0.2)
    tf.set_seed(5)
    loss, expected = gradients(model)
    model.activation_checkpointing_enable(every_n_layers=every)
    tf.set_seed(5)
    again, found = gradients(model)
    assert again == loss
    assert found.keys() == expected.keys()
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient, expected[name], rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("family", ["t5", "bart"])
def test_dropout_depends_on_the_seed(family: str) -> None:
    model = model_of(family, rate=0.3)
    losses = []
    for seed in (1, 1, 2):
        tf.set_seed(seed)
        losses.append(gradients(model)[0])
    assert losses[0] == losses[1] != losses[2]
    plain = float(model.eval()(SOURCE, MASK, labels=LABELS).loss)
    assert plain not in losses


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("family", ["t5", "bart"])
def test_mixed_precision_is_near_full_precision(family: str, dtype: str) -> None:
    model = model_of(family)
    loss, expected = gradients(model)
    with autocast("cpu", dtype=dtype):
        near, found = gradients(model)
    assert near != loss
    assert near == pytest.approx(loss, rel=2e-2)
    for name, gradient in found.items():
        largest = np.abs(expected[name]).max()
        np.testing.assert_allclose(gradient, expected[name], atol=0.2 * largest + 1e-4, err_msg=name)


def test_outputs_of_tensors_are_part_of_the_graph() -> None:
    model = model_of("bart")
    output = model(Tensor(SOURCE), Tensor(MASK), labels=Tensor(LABELS), output_hidden_states=True)
    assert output.past_key_values is None
    total = output.logits.sum() + output.encoder_last_hidden_state.sum() + output.encoder_hidden_states[0].sum()
    total.backward()
    assert model.get_parameter("model.encoder.layers.0.fc1.weight").grad is not None
    # In evaluation mode a loss of tensors has gradients too.
    model.zero_grad()
    loss = model.eval()(Tensor(SOURCE), Tensor(MASK), labels=Tensor(LABELS)).loss
    loss.backward()
    found = {name: weight.grad.numpy() for name, weight in model.named_parameters()}
    model.zero_grad()
    _, expected = gradients(model.train())
    for name, gradient in expected.items():
        np.testing.assert_allclose(found[name], gradient, rtol=1e-4, atol=1e-6, err_msg=name)


def test_vectors_of_a_source_have_gradients() -> None:
    model = model_of("t5")
    encoded = Tensor(model.eval().get_encoder()(SOURCE, MASK).last_hidden_state, requires_grad=True)
    model.train()(encoder_outputs=(encoded,), attention_mask=MASK, labels=LABELS).loss.backward()
    assert encoded.grad is not None
    assert np.abs(encoded.grad.numpy()[MASK == 1]).min() > 0
    np.testing.assert_array_equal(encoded.grad.numpy()[MASK == 0], 0.0)
    vectors = Tensor(np.ones((2, 2, model.config.d_model), np.float32), requires_grad=True)
    with pytest.raises(UnsupportedError, match=r"decoder_inputs_embeds\.detach\(\)"):
        model(SOURCE, MASK, decoder_inputs_embeds=vectors)


def test_labels_that_do_not_fit_are_named() -> None:
    model = model_of("t5")
    vocab = model.config.vocab_size
    for labels, message in (
        ([[5, vocab]] * 2, f"labels: class {vocab} is outside"),
        ([[5, -7]] * 2, "labels: class -7 is outside"),
        ([[5, 1]] * 3, r"labels: has shape \(3, 2\), expected one row for each of 2 sources"),
        ([5, 1], r"labels: has shape \(2,\), expected \(batch, target seq\)"),
        ([[0.5, 1.0]] * 2, "labels: expected token ids, found float32"),
    ):
        for mode in (True, False):
            with pytest.raises(InputError, match=message):
                model.train(mode)(SOURCE, MASK, labels=labels)
    with pytest.raises(InputError, match="^attention_mask: masks every token of sequence 1; a source needs"):
        model.train()(SOURCE, [[1] * 6, [0] * 6], labels=LABELS)
    with pytest.raises(UnsupportedError, match="label at row 1, column 1, which is at a masked token; make it -100"):
        model.train()(SOURCE, MASK, labels=[[5, 1], [6, 1]], decoder_attention_mask=[[1, 1], [1, 0]])
    with pytest.raises(InputError, match=r"labels: has 4 classes, expected shape \[2, 3\]"):
        model.train()(SOURCE, MASK, decoder_input_ids=[[0, 5, 6]] * 2, labels=[[5, 1]] * 2)


@pytest.mark.parametrize("checkpointed", [False, True])
@pytest.mark.parametrize(
    ("part", "states"), [("encoder", "encoder_hidden_states"), ("decoder", "decoder_hidden_states")]
)
def test_a_dropped_layer_changes_nothing_and_has_no_gradient(part: str, states: str, checkpointed: bool) -> None:
    model = model_of("bart", **{f"{part}_layerdrop": 1 - 1e-6})
    if checkpointed:
        model.activation_checkpointing_enable()
    outputs = model(SOURCE, MASK, labels=LABELS, output_hidden_states=True)
    first, *others = outputs[states]
    assert len(others) == getattr(model.config, f"{part}_layers")
    assert all(np.array_equal(first, state) for state in others)
    _, found = gradients(model)
    assert not any(name.startswith(f"model.{part}.layers.") and np.any(grad) for name, grad in found.items())
    assert np.any(found["model.shared.weight"])


@pytest.mark.parametrize("family", ["m2m_100", "marian"])
def test_layers_are_dropped_as_often_as_their_rate_says(family: str) -> None:
    model = model_of(family, encoder_layerdrop=0.3, decoder_layerdrop=0.6)
    dropped = {"encoder_hidden_states": 0, "decoder_hidden_states": 0}
    for _ in range(200):
        outputs = model(SOURCE, MASK, labels=LABELS, output_hidden_states=True)
        for name in dropped:
            first, second = outputs[name][:2]
            dropped[name] += np.array_equal(first, second)
    assert 30 <= dropped["encoder_hidden_states"] <= 90
    assert 90 <= dropped["decoder_hidden_states"] <= 150
    model.eval()
    states = model(SOURCE, MASK, labels=LABELS, output_hidden_states=True).encoder_hidden_states
    assert not np.array_equal(states[0], states[1])


def test_what_training_does_not_support_is_named() -> None:
    model = model_of("t5")
    cache = model.eval()(SOURCE, MASK, decoder_input_ids=[[0], [0]]).past_key_values
    model.train()
    with pytest.raises(UnsupportedError, match="past_key_values in training mode"):
        model(attention_mask=MASK, decoder_input_ids=[[5], [6]], labels=[[5], [6]], past_key_values=cache)
    with pytest.raises(UnsupportedError, match="output_attentions in training mode"):
        model(SOURCE, MASK, labels=LABELS, output_attentions=True)
