"""Parameters of models beside those of transformers: gradients, changes in place and sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers as tf
from trustformers.errors import UnsupportedError

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = torch.tensor([[5, 7, 9], [1, 2, 3]])


def pair(family: str, head: str) -> tuple[Any, Any]:
    own = getattr(tf, head).from_pretrained(GOLDENS / family, dtype="float32")
    return own, getattr(transformers, head).from_pretrained(GOLDENS / family, dtype=torch.float32)


def trainable(model: Any) -> int:
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


def copied(model: Any) -> None:
    with torch.no_grad():
        weight = model.classifier.weight
        weight.copy_(torch.linspace(-1, 1, weight.numel()).reshape(tuple(weight.shape)))


def assigned(model: Any) -> None:
    model.classifier.weight.data = model.classifier.weight.data * 2 + 1
    model.bert.embeddings.word_embeddings.weight.data[7] = 0


def initialized(model: Any) -> None:
    torch.manual_seed(0)
    torch.nn.init.normal_(model.classifier.weight, std=0.5)
    torch.nn.init.constant_(model.classifier.bias, 0.25)


def filled(model: Any) -> None:
    for parameter in model.classifier.parameters():
        torch.nn.init.ones_(parameter)
    model.bert.encoder.layer[0].output.dense.weight.detach().zero_()


@pytest.mark.parametrize("change", [copied, assigned, initialized, filled])
def test_changes_in_place_have_the_effect_of_the_reference(change: Any) -> None:
    own, reference = pair("encoders/bert", "AutoModelForSequenceClassification")
    with torch.no_grad():
        before = reference(IDS).logits.clone()
        for model in (own, reference):
            change(model)
        expected = reference(IDS).logits
        found = own(IDS).logits
    assert not torch.allclose(before, expected)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_torch_functions_that_change_weights_through_views_are_refused() -> None:
    own, _ = pair("encoders/bert", "AutoModelForSequenceClassification")
    with pytest.raises(UnsupportedError, match="through a view"):
        torch.nn.init.zeros_(own.classifier.weight[0])
    with pytest.raises(UnsupportedError, match="through a view"):
        torch.nn.init.normal_(own.classifier.weight[0])
    torch.nn.init.xavier_uniform_(own.classifier.weight)
    assert own.classifier.weight.detach().numpy().any()


def test_counts_and_sizes_equal_the_reference() -> None:
    for family, head in [
        ("encoders/bert", "AutoModelForSequenceClassification"),
        ("encoders/albert", "AutoModelForMaskedLM"),
        ("decoders/gpt2", "AutoModelForCausalLM"),
        ("decoders/llama", "AutoModelForCausalLM"),
    ]:
        models = pair(family, head)
        assert trainable(models[0]) == trainable(models[1])
        own, reference = (model.get_memory_footprint(return_buffers=False) for model in models)
        assert own == reference
        assert models[0].base_model_prefix == models[1].base_model_prefix
        for model in models:
            for parameter in model.base_model.parameters():
                parameter.requires_grad = False
        assert trainable(models[0]) == trainable(models[1])
        assert models[0].num_parameters(only_trainable=True) == models[1].num_parameters(only_trainable=True)


def test_a_loss_in_torch_gives_the_gradients_of_the_reference() -> None:
    own, reference = pair("encoders/bert", "AutoModelForSequenceClassification")
    labels = torch.tensor([0, 1])
    loss, expected = (model(IDS, labels=labels).loss for model in (own, reference))
    assert loss.requires_grad and loss.dtype == expected.dtype and loss.shape == expected.shape
    np.testing.assert_allclose(loss.item(), expected.item(), rtol=1e-4)
    for one in (loss, expected):
        (2 * one).backward()
    gradients = {name: parameter.grad for name, parameter in own.named_parameters()}
    for name, parameter in reference.named_parameters():
        np.testing.assert_allclose(gradients[name].numpy(), parameter.grad.numpy(), rtol=1e-4, atol=1e-5, err_msg=name)
    for model in (own, reference):
        model.requires_grad_(False)
        assert not model(IDS, labels=labels).loss.requires_grad
