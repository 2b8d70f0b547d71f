"""Gradients of `inputs_embeds` through the models of every family beside transformers'."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers
from trustformers import Tensor
from trustformers.errors import UnsupportedError

GOLDENS = Path(__file__).parent.parent / "goldens"
CASES = [
    pytest.param(config.parent, head, id=f"{config.parent.name}-{head}")
    for kind, heads in (("encoders", ["AutoModel"]), ("decoders", ["AutoModel", "AutoModelForCausalLM"]))
    for config in sorted((GOLDENS / kind).glob("*/config.json"))
    for head in heads
]
rng = np.random.default_rng(0)


@pytest.mark.parametrize(("checkpoint", "head"), CASES)
def test_gradients_are_those_of_transformers(checkpoint: Path, head: str) -> None:
    torch.manual_seed(0)
    reference = getattr(transformers, head).from_pretrained(checkpoint, dtype=torch.float32).eval()
    ours = getattr(trustformers, head).from_pretrained(checkpoint, dtype="float32")
    width = reference.get_input_embeddings().weight.shape[1]
    values = rng.normal(size=(2, 5, width)).astype(np.float32) * 0.5
    mask = np.ones((2, 5), np.int64)
    mask[1, 3:] = 0

    own = Tensor(values, requires_grad=True)
    theirs = torch.tensor(values, requires_grad=True)
    found: Any = ours(inputs_embeds=own, attention_mask=mask, output_hidden_states=True)
    expected = reference(inputs_embeds=theirs, attention_mask=torch.tensor(mask), output_hidden_states=True)
    name = "last_hidden_state" if head == "AutoModel" else "logits"
    weights = rng.normal(size=expected[name].shape).astype(np.float32) * mask[..., None]
    middle = rng.normal(size=expected.hidden_states[1].shape).astype(np.float32) * mask[..., None]
    total = (found[name] * Tensor(weights)).sum() + (found.hidden_states[1] * Tensor(middle)).sum()
    other = (expected[name] * torch.tensor(weights)).sum()
    other = other + (expected.hidden_states[1] * torch.tensor(middle)).sum()
    if found.get("pooler_output") is not None:
        pooled = rng.normal(size=expected.pooler_output.shape).astype(np.float32)
        total = total + (found.pooler_output * Tensor(pooled)).sum()
        other = other + (expected.pooler_output * torch.tensor(pooled)).sum()
    total.backward()
    other.backward()
    assert own.grad is not None
    largest = theirs.grad.abs().max().item()
    np.testing.assert_allclose(own.grad.numpy(), theirs.grad.numpy(), atol=2e-5 * max(largest, 1.0), rtol=2e-4)


@pytest.mark.parametrize("checkpoint", [config.parent for config in sorted(GOLDENS.glob("*coders/*/config.json"))])
@pytest.mark.parametrize("is_tied", [False, True])
def test_padding_tokens_have_the_gradients_of_transformers(checkpoint: Path, is_tied: bool, tmp_path: Path) -> None:
    torch.manual_seed(0)
    kind = "MaskedLM" if checkpoint.parent.name == "encoders" else "CausalLM"
    head = f"AutoModelFor{kind}" if is_tied else "AutoModel"
    config = transformers.AutoConfig.from_pretrained(checkpoint, tie_word_embeddings=is_tied, dtype="float32")
    reference: Any = getattr(transformers, head).from_config(config)
    without_dropout(reference.config)
    reference.save_pretrained(tmp_path)
    reference = getattr(transformers, head).from_pretrained(tmp_path).train()
    ours: Any = getattr(trustformers, head).from_pretrained(tmp_path).train()
    # Padding that the mask does not hide, as without a mask, beside padding that it hides.
    padding = reference.config.pad_token_id if reference.config.pad_token_id is not None else 0
    ids = np.array([[5, padding, 6, 7, padding], [padding, 9, padding, padding, padding]])
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    name = "logits" if is_tied else "last_hidden_state"
    expected = reference(torch.tensor(ids), attention_mask=torch.tensor(mask))[name]
    weights = rng.normal(size=expected.shape).astype(np.float32) * mask[..., None]
    (expected * torch.tensor(weights)).sum().backward()
    (ours(Tensor(ids), attention_mask=Tensor(mask))[name] * Tensor(weights)).sum().backward()
    found = {name: parameter.grad for name, parameter in ours.named_parameters()}
    compared = 0
    for name, parameter in reference.named_parameters():
        if name in found and isinstance(module_of(reference, name), torch.nn.Embedding):
            gradient = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
            largest = max(gradient.abs().max().item(), 1.0)
            np.testing.assert_allclose(
                found[name].numpy(), gradient.numpy(), atol=2e-5 * largest, rtol=2e-4, err_msg=name
            )
            compared += 1
    assert compared


def without_dropout(config: Any) -> None:
    for name, value in config.to_dict().items():
        if ("drop" in name or name == "router_jitter_noise") and isinstance(value, float):
            setattr(config, name, 0.0)


def module_of(model: torch.nn.Module, parameter: str) -> torch.nn.Module:
    return model.get_submodule(parameter.rpartition(".")[0])


def test_a_graph_of_gradients_is_refused() -> None:
    model = trustformers.AutoModel.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")
    embeddings = torch.randn(1, 4, model.config.hidden_size, requires_grad=True)
    loss = model(inputs_embeds=embeddings).last_hidden_state.sum()
    with pytest.raises(UnsupportedError, match="create_graph=True through a trustformers model"):
        torch.autograd.grad(loss, embeddings, create_graph=True)
    (gradient,) = torch.autograd.grad(loss, embeddings)
    assert not gradient.requires_grad
