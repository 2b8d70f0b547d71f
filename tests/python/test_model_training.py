"""Gradients of weights in training mode, as a hand-written loop uses them."""

from __future__ import annotations

import gc
import pickle
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import UnsupportedError
from trustformers.tensor import no_grad
from trustformers.training import clip_grad_norm_

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = np.array([[5, 6, 7, 8], [9, 10, 11, 0]])
MASK = np.array([[1, 1, 1, 1], [1, 1, 1, 0]])
NO_DROPOUT: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


@pytest.fixture
def bert() -> Any:
    model = tf.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders/bert", **NO_DROPOUT)
    return model.train()


def step(model: Any, rate: float) -> None:
    with no_grad():
        for parameter in model.parameters():
            parameter -= rate * parameter.grad
    model.zero_grad()


@pytest.mark.parametrize(
    ("family", "head"),
    [
        ("encoders/bert", "AutoModelForMaskedLM"),
        ("encoders/albert", "AutoModelForQuestionAnswering"),
        ("encoders/roberta", "AutoModelForSequenceClassification"),
        ("encoders/bert", "AutoModelForSequenceClassification"),
        ("decoders/gpt2", "AutoModelForCausalLM"),
    ],
)
def test_a_base_model_trains_inside_a_model_with_a_head(family: str, head: str) -> None:
    is_gpt2 = family.endswith("gpt2")
    rates: Any = dict.fromkeys(("embd_pdrop", "attn_pdrop", "resid_pdrop"), 0.0) if is_gpt2 else NO_DROPOUT
    model: Any = getattr(tf, head).from_pretrained(GOLDENS / family, dtype="float32", **rates)
    expected = model.base_model(Tensor(IDS))
    found = model.train().base_model(Tensor(IDS))
    np.testing.assert_allclose(
        found.last_hidden_state.detach().numpy(), expected.last_hidden_state.numpy(), rtol=1e-5, atol=1e-5
    )
    assert (found.get("pooler_output") is None) == (expected.get("pooler_output") is None)
    found.last_hidden_state.sum().backward()
    gradients = {name: weight.grad for name, weight in model.base_model.named_parameters()}
    assert all(gradient is not None for name, gradient in gradients.items() if not name.startswith("pooler"))


@pytest.mark.parametrize(
    ("family", "head"),
    [
        ("decoders/gpt2", "AutoModelForCausalLM"),
        ("encoders/bert", "AutoModelForMaskedLM"),
        ("seq2seq/t5", "AutoModelForSeq2SeqLM"),
    ],
)
def test_steps_of_a_training_do_not_pack_the_weights_again(family: str, head: str) -> None:
    model: Any = getattr(tf, head).from_pretrained(GOLDENS / family, dtype="float32").train()
    structures = []
    for _ in range(3):
        model(IDS, labels=IDS).loss.backward()
        structures.append(model._loaded)
        step(model, 0.1)
    assert all(structure is structures[0] for structure in structures)


def test_gradients_of_a_model_are_clipped_in_place(bert: Any) -> None:
    bert(IDS, MASK, labels=np.array([0, 1])).loss.backward()
    memory = {name: weight.grad.data_ptr() for name, weight in bert.named_parameters()}
    assert clip_grad_norm_(bert.parameters(), 1e-3).item() > 1e-3
    assert {name: weight.grad.data_ptr() for name, weight in bert.named_parameters()} == memory


@pytest.mark.parametrize("tensors", [None, "tf_rs"])
def test_gradient_descent_lowers_the_loss(bert: Any, tensors: str | None) -> None:
    losses = []
    for _ in range(8):
        output = bert(IDS, attention_mask=MASK, labels=np.array([0, 1]), return_tensors=tensors)
        assert isinstance(output.loss, Tensor) and isinstance(output.logits, Tensor if tensors else np.ndarray)
        output.loss.backward()
        losses.append(output.loss.item())
        step(bert, 0.02)
    assert losses[-1] < 0.5 * losses[0]


def test_a_loss_of_the_logits_has_the_same_gradients(bert: Any) -> None:
    inputs = {"input_ids": Tensor(IDS), "attention_mask": Tensor(MASK)}
    bert(**inputs, labels=Tensor([0, 1])).loss.backward()
    expected = {name: parameter.grad.numpy() for name, parameter in bert.named_parameters()}
    bert.zero_grad()
    logits = bert(**inputs).logits
    assert logits.requires_grad
    (-logits.log_softmax(-1)[[0, 1], [0, 1]].mean()).backward()
    for name, parameter in bert.named_parameters():
        np.testing.assert_allclose(parameter.grad.numpy(), expected[name], atol=1e-5, err_msg=name)


def test_frozen_weights_have_no_gradients(bert: Any) -> None:
    bert.bert.requires_grad_(False)
    bert(IDS, labels=[0, 1]).loss.backward()
    assert [name for name, parameter in bert.named_parameters() if parameter.grad is not None] == [
        "classifier.weight",
        "classifier.bias",
    ]
    bert.requires_grad_(False)
    assert isinstance(bert(IDS, labels=[0, 1]).loss, np.float32)


def test_gradients_add_up_until_they_are_cleared(bert: Any) -> None:
    for _ in range(2):
        bert(IDS, labels=[0, 1]).loss.backward()
    twice = bert.classifier.weight.grad.numpy().copy()
    bert.zero_grad(set_to_none=False)
    assert not bert.classifier.weight.grad.numpy().any()
    bert(IDS, labels=[0, 1]).loss.backward()
    np.testing.assert_allclose(2 * bert.classifier.weight.grad.numpy(), twice, rtol=1e-5)


def test_calls_without_gradients_record_nothing(bert: Any) -> None:
    with no_grad():
        assert not bert(Tensor(IDS), labels=Tensor([0, 1])).loss.requires_grad
    bert.eval()
    assert isinstance(bert(IDS, labels=[0, 1]).loss, np.float32)
    assert not bert(Tensor(IDS)).logits.requires_grad


def test_dropout_changes_a_loss_by_the_seed_and_only_in_training() -> None:
    model: Any = tf.AutoModelForSequenceClassification.from_pretrained(
        GOLDENS / "encoders/bert", hidden_dropout_prob=0.3, attention_probs_dropout_prob=0.3
    )
    constant = model(IDS, labels=[0, 1]).loss
    model.train()
    losses = []
    for seed in (1, 1, 2):
        tf.set_seed(seed)
        losses.append(model(IDS, labels=[0, 1]).loss.item())
    assert losses[0] == losses[1] != losses[2] and losses[0] != pytest.approx(constant)
    assert model.eval()(IDS, labels=[0, 1]).loss == pytest.approx(constant)


def test_dropout_that_training_would_ignore_is_refused_by_name() -> None:
    model = tf.AutoModel.from_pretrained(GOLDENS / "decoders/falcon", hidden_dropout=0.1).train()
    with pytest.raises(UnsupportedError, match=r"falcon with hidden_dropout=0\.1"):
        model(Tensor(IDS))
    model = tf.AutoModel.from_pretrained(GOLDENS / "decoders/mixtral", router_jitter_noise=0.1).train()
    with pytest.raises(UnsupportedError, match=r"mixtral with router_jitter_noise=0\.1"):
        model(Tensor(IDS))


@pytest.mark.parametrize(
    ("family", "rate"),
    [
        *(("deberta-v2", rate) for rate in ("hidden_dropout_prob", "attention_probs_dropout_prob", "pooler_dropout")),
        *(("mobilebert", rate) for rate in ("hidden_dropout_prob", "attention_probs_dropout_prob")),
        *(("squeezebert", rate) for rate in ("hidden_dropout_prob", "attention_probs_dropout_prob")),
        *(("modernbert", rate) for rate in ("embedding_dropout", "attention_dropout", "mlp_dropout")),
        *(("albert", rate) for rate in ("hidden_dropout_prob", "classifier_dropout_prob")),
    ],
)
def test_each_rate_of_a_family_drops_elements(family: str, rate: str) -> None:
    config = tf.AutoConfig.from_pretrained(GOLDENS / "encoders" / family)
    rates: dict[str, Any] = {
        name: 0.0 for name, value in config.to_dict().items() if "drop" in name and isinstance(value, float)
    }
    losses = []
    for changed in ({}, {rate: 0.4}):
        model: Any = tf.AutoModelForSequenceClassification.from_pretrained(
            GOLDENS / "encoders" / family, **(rates | changed)
        ).train()
        tf.set_seed(1)
        losses.append([model(IDS, MASK, labels=[0, 1]).loss.item() for _ in range(3)])
    assert len(set(losses[0])) == 1 and len(set(losses[1])) == 3


def test_tied_embeddings_have_one_gradient() -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/gemma").train()
    model(IDS, labels=IDS).loss.backward()
    gradient = model.model.embed_tokens.weight.grad
    assert model.lm_head.weight is model.model.embed_tokens.weight and gradient is not None
    # Tokens that are no input have a gradient as outputs.
    assert np.abs(gradient.float().numpy()[20]).max() > 0


@pytest.mark.parametrize(("head", "is_tied"), [("AutoModel", False), ("AutoModelForMaskedLM", True)])
def test_only_a_tied_head_gives_the_padding_token_a_gradient(head: str, is_tied: bool) -> None:
    model: Any = getattr(tf, head).from_pretrained(GOLDENS / "encoders/bert", **NO_DROPOUT).train()
    output = model(Tensor(np.array([[5, 0, 6, 0]])))
    values = output["logits" if is_tied else "last_hidden_state"]
    (values * values).sum().backward()
    gradient = model.get_input_embeddings().weight.grad.numpy()
    assert gradient[5].any() and gradient[0].any() == is_tied


def test_a_trained_model_is_collected() -> None:
    model: Any = tf.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders/bert", **NO_DROPOUT).train()
    model(IDS, labels=[0, 1]).loss.backward()
    step(model, 0.1)
    weight, known = model.classifier.weight, weakref.ref(model)
    del model
    gc.collect()
    assert known() is None and weight.shape == (3, 40)


def test_training_and_evaluation_alternate(bert: Any) -> None:
    for _ in range(2):
        bert.train()(IDS, labels=[0, 1]).loss.backward()
        step(bert, 0.05)
        evaluated = bert.eval()(IDS, labels=[0, 1]).loss
        trained = bert.train()(IDS, labels=[0, 1]).loss
        assert trained.item() == pytest.approx(float(evaluated), rel=1e-4)
    weights = {name: weight.numpy().copy() for name, weight in bert.state_dict().items()}
    other = pickle.loads(pickle.dumps(bert.eval()))
    for name, weight in other.state_dict().items():
        np.testing.assert_array_equal(weight.numpy(), weights[name])


def test_a_weight_whose_model_is_gone_can_be_frozen() -> None:
    weight = next(iter(tf.AutoModel.from_pretrained(GOLDENS / "encoders/bert").parameters()))
    gc.collect()
    assert weight.requires_grad is True
    weight.requires_grad = False
    assert weight.requires_grad is False and (weight * 2).requires_grad is False
    assert weight.requires_grad_().requires_grad is True


@pytest.mark.parametrize("past", [None, tf.DynamicCache])
def test_a_cache_of_a_call_in_training_mode_is_filled(past: Any) -> None:
    model = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")
    given = {} if past is None else {"past_key_values": past()}
    found: Any = model.train()(IDS, labels=IDS, use_cache=True, **given)
    assert found.loss.requires_grad and found.past_key_values.get_seq_length() == 4
    if past is not None:
        assert found.past_key_values is given["past_key_values"]
    after = model.eval()(IDS[:, :1], past_key_values=found.past_key_values).logits
    whole = model(np.concatenate([IDS, IDS[:, :1]], 1)).logits[:, -1:]
    np.testing.assert_allclose(after, whole, rtol=1e-5, atol=1e-5)


def test_the_first_token_behind_left_padding_is_no_target(caplog: pytest.LogCaptureFixture) -> None:
    rates: Any = dict.fromkeys(("embd_pdrop", "attn_pdrop", "resid_pdrop"), 0.0)
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/gpt2", dtype="float32", **rates)
    ids, mask = np.array([[3, 3, 5, 6, 7], [5, 6, 7, 8, 9]]), np.array([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]])
    labels = np.where(mask == 0, -100, ids)
    counted = labels.copy()
    counted[0, 2] = -100
    for mode in (True, False):
        model.train(mode)
        expected = model(ids, mask, labels=counted).loss
        assert np.isclose(float(model(ids, mask, labels=labels).loss), float(expected), rtol=1e-6)
    assert any("left padding" in record.message for record in caplog.records)
    model.train()(ids, mask, labels=labels).loss.backward()
    found = {name: weight.grad.numpy() for name, weight in model.named_parameters()}
    model.zero_grad()
    model(ids, mask, labels=counted).loss.backward()
    assert all(np.allclose(weight.grad.numpy(), found[name], atol=1e-6) for name, weight in model.named_parameters())
    with pytest.raises(UnsupportedError, match="row 0, column 1, which follows a masked token"):
        model(ids, mask, labels=ids)
