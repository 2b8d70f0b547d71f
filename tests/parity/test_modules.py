"""Modules inside the models of every family, and the models without their heads, beside transformers'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
import trustformers

GOLDENS = Path(__file__).parent.parent / "goldens"
HEADS = {
    "base": "AutoModel",
    "causal_lm": "AutoModelForCausalLM",
    "masked_lm": "AutoModelForMaskedLM",
    "sequence_classification": "AutoModelForSequenceClassification",
    "token_classification": "AutoModelForTokenClassification",
}
CASES = [
    pytest.param(config.parent, HEADS[head], id=f"{config.parent.name}-{head}")
    for kind in ("encoders", "decoders")
    for config in sorted((GOLDENS / kind).glob("*/config.json"))
    for head in json.loads((config.parent / "manifest.json").read_text())["classes"]
    if head in HEADS
]
# Families whose checkpoints name or stack weights otherwise than the reference's modules, which ours are named after.
RENAMED = {"gpt_neox", "mixtral", "nomic_bert", "qwen2_moe", "qwen3_moe"}
# The reference has a pooler in these that it does not use.
WITH_POOLER = {("squeezebert", "AutoModelForMaskedLM"), ("squeezebert", "AutoModelForTokenClassification")}
# The pooler belongs to the head here, in which the reference keeps it in the base model.
POOLED_BY_HEAD = {*WITH_POOLER, ("nomic_bert", "AutoModelForSequenceClassification")}
IDS = [[5, 7, 9, 11, 2], [1, 2, 3, 0, 0]]
MASK = [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]


def both(checkpoint: Path, head: str) -> tuple[Any, Any]:
    ours = getattr(trustformers, head).from_pretrained(checkpoint, dtype="float32")
    return ours, getattr(transformers, head).from_pretrained(checkpoint, dtype=torch.float32).eval()


@pytest.mark.parametrize(("checkpoint", "head"), CASES)
def test_modules_and_parameters_have_the_names_of_transformers(checkpoint: Path, head: str) -> None:
    ours, reference = both(checkpoint, head)
    assert ours.base_model_prefix == reference.base_model_prefix
    assert type(ours.base_model).__name__ == type(reference.base_model).__name__
    if checkpoint.name in RENAMED or (checkpoint.name, head) in WITH_POOLER:
        pytest.skip("other names")
    # Modules without parameters are not listed.
    expected = {
        name: module
        for name, module in reference.named_modules(remove_duplicate=False)
        if next(module.parameters(), None) is not None
    }
    found = dict(ours.named_modules())
    assert found.keys() == expected.keys()
    for name, module in found.items():
        kind, other = type(module).__name__, type(expected[name]).__name__
        same = other.lower().endswith(kind.lower()) or (kind, other[-6:]) == ("Linear", "Router")
        assert kind == "Module" or same, f"{name}: {kind} {other}"
        assert ours.get_submodule(name) is module
        own, other_own = (dict(one.named_parameters(recurse=False)) for one in (module, expected[name]))
        assert own.keys() == other_own.keys(), name
    parameters = dict(ours.named_parameters(remove_duplicate=False))
    others = dict(reference.named_parameters(remove_duplicate=False))
    assert parameters.keys() == others.keys()
    for name, parameter in parameters.items():
        np.testing.assert_array_equal(parameter.numpy(), others[name].detach().numpy(), name)
    for name in ("get_input_embeddings", "get_output_embeddings"):
        own, other = getattr(ours, name)(), getattr(reference, name)()
        assert (own is None) == (other is None)
        if own is not None:
            assert expected[own._path] is other
    for name in ("get_encoder", "get_decoder"):
        own, other = getattr(ours, name)(), getattr(reference, name)()
        assert next(path for path, module in found.items() if module is own) == next(
            path for path, module in expected.items() if module is other
        )


@pytest.mark.parametrize(("checkpoint", "head"), [case for case in CASES if "-base" not in str(case.id)])
def test_models_without_their_heads_compute_what_those_of_transformers_do(checkpoint: Path, head: str) -> None:
    ours, reference = both(checkpoint, head)
    mask = np.array(MASK)
    found = ours.base_model(IDS, attention_mask=MASK, output_hidden_states=True)
    with torch.no_grad():
        expected = reference.base_model(torch.tensor(IDS), attention_mask=torch.tensor(MASK), output_hidden_states=True)
    pooled = None if (checkpoint.name, head) in POOLED_BY_HEAD else expected.get("pooler_output")
    assert set(found.keys()) == {"last_hidden_state", "hidden_states"} | (
        {name for name in ("past_key_values",) if name in expected}
        | ({"pooler_output"} if pooled is not None else set())
    )
    tolerance: Any = {"atol": 2e-5, "rtol": 2e-4}
    last = expected.last_hidden_state.numpy()
    np.testing.assert_allclose(found.last_hidden_state * mask[..., None], last * mask[..., None], **tolerance)
    np.testing.assert_allclose(found.last_hidden_state, ours.base_model(IDS, attention_mask=MASK)[0])
    assert len(found.hidden_states) == len(expected.hidden_states)
    for own, other in zip(found.hidden_states, expected.hidden_states, strict=True):
        np.testing.assert_allclose(own * mask[..., None], other.numpy() * mask[..., None], **tolerance)
    if pooled is not None:
        np.testing.assert_allclose(found.pooler_output, pooled.numpy(), **tolerance)


@pytest.mark.parametrize("checkpoint", [case.values[0] for case in CASES if str(case.id).endswith("-base")])
def test_token_embeddings_are_those_of_transformers(checkpoint: Any) -> None:
    ours, reference = both(checkpoint, "AutoModel")
    expected = reference.get_input_embeddings()(torch.tensor(IDS)).detach()
    try:
        found = ours.get_input_embeddings()(torch.tensor(IDS))
    except trustformers.errors.UnsupportedError:
        assert "scaled" in type(reference.get_input_embeddings()).__name__.lower()
    else:
        assert torch.equal(found, expected)
