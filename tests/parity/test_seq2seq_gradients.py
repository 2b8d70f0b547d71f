"""Losses and gradients of the weights of encoder-decoders beside transformers'."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf
from safetensors.torch import load_file, save_file

GOLDENS = Path(__file__).parent.parent / "goldens" / "seq2seq"
FAMILIES = [config.parent for config in sorted(GOLDENS.glob("*/config.json"))]
CLASSIFIERS = ("bart", "mbart", "t5", "mt5", "umt5")
CLASSES = 3
IGNORED = -100
SEQ2SEQ = "AutoModelForSeq2SeqLM"
CLASSIFIER = "AutoModelForSequenceClassification"
SPANS = "AutoModelForQuestionAnswering"


def cases() -> Iterator[Any]:
    for family in FAMILIES:
        heads = (SEQ2SEQ, CLASSIFIER, SPANS) if family.name in CLASSIFIERS else (SEQ2SEQ,)
        for head in heads:
            yield pytest.param(family, head, id=f"{family.name}-{head[12:]}")


def models(family: Path, head: str, directory: Path, has_own_output: bool = False) -> tuple[Any, Any]:
    """A model of transformers and ours with its weights: both in training mode, all rates of dropout zero."""
    torch.manual_seed(3)
    config = transformers.AutoConfig.from_pretrained(family, dtype="float32")
    config.num_labels = CLASSES if head == CLASSIFIER else 2
    for name, value in config.to_dict().items():
        if "drop" in name and isinstance(value, float):
            setattr(config, name, 0.0)
    source = getattr(transformers, head).from_config(config)
    with torch.no_grad():
        for parameter in source.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
    source.save_pretrained(directory)
    if has_own_output:
        file = directory / "model.safetensors"
        weights = load_file(file)
        weights["lm_head.weight"] = torch.randn(source.lm_head.weight.shape)
        save_file(weights, file, {"format": "pt"})
    reference = getattr(transformers, head).from_pretrained(directory, dtype=torch.float32).train()
    return reference, getattr(tf, head).from_pretrained(directory).train()


def batch(config: Any, head: str) -> dict[str, np.ndarray]:
    """Sources of several lengths, padded on the right, with labels."""
    draws = np.random.default_rng(0)
    special = {config.pad_token_id, config.eos_token_id, getattr(config, "decoder_start_token_id", None)}
    free = np.array([token for token in range(4, config.vocab_size - 1) if token not in special])
    lengths, targets = (9, 4, 6), (5, 7, 2)
    ids = np.full((3, 9), config.pad_token_id)
    mask = np.zeros((3, 9), np.int64)
    labels = np.full((3, 7), IGNORED)
    for row, (length, target) in enumerate(zip(lengths, targets, strict=True)):
        ids[row, :length] = [*draws.choice(free, length - 1), config.eos_token_id]
        mask[row, :length] = 1
        labels[row, :target] = [*draws.choice(free, target - 1), config.eos_token_id]
    given = {"input_ids": ids, "attention_mask": mask}
    if head == SEQ2SEQ:
        return given | {"labels": labels}
    if head == CLASSIFIER:
        return given | {"labels": np.array([0, 2, 1])}
    return given | {"start_positions": np.array([1, 0, 3]), "end_positions": np.array([6, 2, 3])}


def check(reference: Any, model: Any, given: dict[str, Any], **constant: Any) -> None:
    """Compares the loss and every gradient."""
    expected = reference(**{name: torch.tensor(array) for name, array in given.items()}, **constant)
    found = model(**given, **constant)
    np.testing.assert_allclose(found.loss.item(), expected.loss.item(), rtol=1e-5)
    expected.loss.backward()
    found.loss.backward()
    check_gradients(reference, model)


def check_gradients(reference: Any, model: Any) -> None:
    # The reference computes these without a gradient.
    constant = [f"{name}.weight" for name, module in reference.named_modules() if "Sinusoidal" in type(module).__name__]
    theirs = {
        name: weight for name, weight in reference.named_parameters() if weight.requires_grad and name not in constant
    }
    ours = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    assert set(ours) == set(theirs)
    for name, weight in theirs.items():
        gradient = torch.zeros_like(weight) if weight.grad is None else weight.grad
        found = ours[name].grad
        found = np.zeros(weight.shape, np.float32) if found is None else found.numpy()
        largest = gradient.abs().max().item()
        np.testing.assert_allclose(found, gradient.numpy(), rtol=1e-4, atol=1e-4 * largest + 1e-6, err_msg=name)


@pytest.mark.parametrize(("family", "head"), cases())
def test_gradients_are_those_of_transformers(family: Path, head: str, tmp_path: Path) -> None:
    reference, model = models(family, head, tmp_path)
    check(reference, model, batch(reference.config, head))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_gradients_without_a_tied_output_are_those_of_transformers(family: Path, tmp_path: Path) -> None:
    reference, model = models(family, SEQ2SEQ, tmp_path, has_own_output=True)
    check(reference, model, batch(reference.config, SEQ2SEQ))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_gradients_with_given_targets_are_those_of_transformers(family: Path, tmp_path: Path) -> None:
    reference, model = models(family, SEQ2SEQ, tmp_path)
    given = batch(reference.config, SEQ2SEQ)
    targets = np.where(given["labels"] == IGNORED, reference.config.pad_token_id, given["labels"])
    mask = (given["labels"] != IGNORED).astype(np.int64)
    check(reference, model, given | {"decoder_input_ids": targets, "decoder_attention_mask": mask})


@pytest.mark.parametrize("name", ["t5", "bart"])
def test_gradients_with_given_encoder_outputs_are_those_of_transformers(name: str, tmp_path: Path) -> None:
    reference, model = models(GOLDENS / name, SEQ2SEQ, tmp_path)
    given = batch(reference.config, SEQ2SEQ)
    states = np.random.default_rng(1).normal(size=(3, 9, reference.config.d_model)).astype(np.float32)
    given = {"attention_mask": given["attention_mask"], "labels": given["labels"]}
    expected = reference(
        **{name: torch.tensor(array) for name, array in given.items()}, encoder_outputs=(torch.tensor(states),)
    )
    found = model(**given, encoder_outputs=(states,))
    np.testing.assert_allclose(found.loss.item(), expected.loss.item(), rtol=1e-5)
    expected.loss.backward()
    found.loss.backward()
    check_gradients(reference, model)


@pytest.mark.parametrize("name", ["t5", "umt5", "bart", "pegasus"])
@pytest.mark.parametrize("is_training", [True, False])
def test_gradients_of_outputs_and_embeddings_are_those_of_transformers(
    name: str, is_training: bool, tmp_path: Path
) -> None:
    reference, model = models(GOLDENS / name, "AutoModel", tmp_path)
    reference.train(is_training)
    model.train(is_training)
    draws = np.random.default_rng(2)
    given = batch(reference.config, "")
    targets = np.array([[5, 6, 7, 8], [9, 10, 11, 4], [6, 5, 4, 7]])
    vectors = draws.normal(size=(3, 9, reference.config.d_model)).astype(np.float32)
    own, theirs = tf.Tensor(vectors, requires_grad=True), torch.tensor(vectors, requires_grad=True)
    mask = given["attention_mask"]
    expected = reference(
        inputs_embeds=theirs,
        attention_mask=torch.tensor(mask),
        decoder_input_ids=torch.tensor(targets),
        output_hidden_states=True,
        use_cache=False,
    )
    found = model(
        inputs_embeds=own,
        attention_mask=tf.Tensor(mask),
        decoder_input_ids=tf.Tensor(targets),
        output_hidden_states=True,
        use_cache=False,
    )
    total, other = tf.Tensor(np.float32(0)), torch.tensor(0.0)
    read = [
        lambda output: output.last_hidden_state,
        lambda output: output.encoder_last_hidden_state,
        lambda output: output.decoder_hidden_states[1],
        lambda output: output.encoder_hidden_states[1],
    ]
    for at, field in enumerate(read):
        weights = draws.normal(size=field(expected).shape).astype(np.float32)
        if at % 2:
            weights = weights * mask[..., None] if field(expected).shape[1] == 9 else weights
        total = total + (field(found) * tf.Tensor(weights)).sum()
        other = other + (field(expected) * torch.tensor(weights)).sum()
    total.backward()
    other.backward()
    largest = theirs.grad.abs().max().item()
    np.testing.assert_allclose(
        own.grad.numpy()[mask == 1], theirs.grad.numpy()[mask == 1], rtol=1e-4, atol=1e-4 * largest
    )
    if is_training:
        check_gradients(reference, model)
