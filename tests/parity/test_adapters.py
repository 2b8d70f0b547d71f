"""Models with adapters beside those of PEFT: parameters, logits, gradients, files and merged weights."""

from __future__ import annotations

import copy
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import peft
import pytest
import torch
import transformers
import trustformers
from trustformers.peft import LoraConfig, PeftModel, get_peft_model

GOLDENS = Path(__file__).parent.parent / "goldens"
SEQUENCE, CAUSAL = "AutoModelForSequenceClassification", "AutoModelForCausalLM"
IDS = np.array([[5, 6, 7, 8], [9, 10, 11, 0]])
MASK = np.array([[1, 1, 1, 1], [1, 1, 1, 0]])
LABELS = {SEQUENCE: np.array([0, 1]), CAUSAL: np.where(MASK == 1, IDS, -100)}
BERT, GPT2, LLAMA = "encoders/bert", "decoders/gpt2", "decoders/llama"
DROPOUT = {
    BERT: {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
    GPT2: {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0},
    LLAMA: {},
}
DORA = {"target_modules": ["query", "dense", "word_embeddings"], "use_dora": True, "bias": "all"}
PATTERNS: dict[str, Any] = {"rank_pattern": {"query": 2, "key": 3}, "alpha_pattern": {"dense": 3}}
CASES = [
    pytest.param(BERT, SEQUENCE, {"task_type": "SEQ_CLS"}, id="bert"),
    pytest.param(
        BERT,
        SEQUENCE,
        {
            "task_type": "SEQ_CLS",
            "target_modules": ["query", "dense", "word_embeddings", "position_embeddings"],
            "use_rslora": True,
            "bias": "lora_only",
        },
        id="bert-tables-rslora-biases",
    ),
    pytest.param(BERT, SEQUENCE, {"task_type": "SEQ_CLS", **DORA, **PATTERNS}, id="bert-dora-patterns-biases"),
    pytest.param(GPT2, CAUSAL, {"task_type": "CAUSAL_LM", "lora_alpha": 3}, id="gpt2"),
    pytest.param(
        GPT2, CAUSAL, {"target_modules": "all-linear", "fan_in_fan_out": True, "use_dora": True}, id="gpt2-dora"
    ),
    pytest.param(GPT2, CAUSAL, {"target_modules": ["wte", "lm_head"]}, id="gpt2-tied-table-and-output"),
    pytest.param(LLAMA, CAUSAL, {"task_type": "CAUSAL_LM", "target_modules": "all-linear"}, id="llama"),
    pytest.param(
        LLAMA,
        CAUSAL,
        {"target_modules": ["q_proj", "embed_tokens"], "modules_to_save": ["layers.0.mlp", "norm"]},
        id="llama-table-and-saved-modules",
    ),
    pytest.param(
        LLAMA,
        CAUSAL,
        {"target_modules": ["v_proj", "down_proj"], "layers_to_transform": 1, "init_lora_weights": "gaussian"},
        id="llama-one-layer",
    ),
]


def reference_of(checkpoint: str, head: str) -> Any:
    kind = getattr(transformers, head)
    return kind.from_pretrained(GOLDENS / checkpoint, dtype=torch.float32, **DROPOUT[checkpoint])


def own_of(checkpoint: str, head: str) -> Any:
    return getattr(trustformers, head).from_pretrained(GOLDENS / checkpoint, dtype="float32", **DROPOUT[checkpoint])


def trained(checkpoint: str, head: str, config: dict[str, Any]) -> Any:
    """A model of PEFT whose adapter is not zero."""
    torch.manual_seed(0)
    model = peft.get_peft_model(reference_of(checkpoint, head), peft.LoraConfig(r=4, **copy.deepcopy(config)))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(torch.randn(parameter.shape) * 0.1)
    return model


def logits(model: Any) -> Any:
    """The logits of the tokens that are no padding."""
    arrays = {"input_ids": IDS, "attention_mask": MASK}
    is_own = isinstance(model, (PeftModel, trustformers.PreTrainedModel))
    inputs = arrays if is_own else {name: torch.tensor(array) for name, array in arrays.items()}
    found = model.eval()(**inputs).logits
    values = found if is_own else found.detach().numpy()
    return values[MASK.astype(bool)] if values.ndim == 3 else values


@pytest.mark.parametrize(("checkpoint", "head", "config"), CASES)
def test_parameters_have_the_names_shapes_and_requires_grad_of_peft(
    checkpoint: str, head: str, config: dict[str, Any]
) -> None:
    reference = peft.get_peft_model(reference_of(checkpoint, head), peft.LoraConfig(r=4, **copy.deepcopy(config)))
    ours = get_peft_model(own_of(checkpoint, head), peft.LoraConfig(r=4, **copy.deepcopy(config)))
    assert type(ours).__name__ == type(reference).__name__
    found, expected = (
        {name: (tuple(parameter.shape), parameter.requires_grad) for name, parameter in model.named_parameters()}
        for model in (ours, reference)
    )
    assert found == expected
    assert ours.get_nb_trainable_parameters() == reference.get_nb_trainable_parameters()


@pytest.mark.parametrize(("checkpoint", "head", "config"), CASES)
def test_files_have_the_same_meaning_in_both(
    checkpoint: str, head: str, config: dict[str, Any], tmp_path: Path
) -> None:
    reference = trained(checkpoint, head, config)
    reference.save_pretrained(tmp_path / "peft")
    ours: Any = PeftModel.from_pretrained(own_of(checkpoint, head), tmp_path / "peft")
    expected = logits(reference)
    np.testing.assert_allclose(logits(ours), expected, atol=2e-5)
    assert not any(parameter.requires_grad for parameter in ours.parameters())
    ours.save_pretrained(tmp_path / "ours")
    again = peft.PeftModel.from_pretrained(reference_of(checkpoint, head), tmp_path / "ours")
    np.testing.assert_allclose(logits(again), expected, atol=1e-6)
    fields = peft.PeftConfig.from_pretrained(tmp_path / "ours").to_dict()
    before = peft.PeftConfig.from_pretrained(tmp_path / "peft").to_dict()
    assert {**fields, "auto_mapping": None} == {**before, "auto_mapping": None}


@pytest.mark.parametrize(("checkpoint", "head", "config"), CASES)
def test_gradients_are_those_of_peft(checkpoint: str, head: str, config: dict[str, Any], tmp_path: Path) -> None:
    reference = trained(checkpoint, head, config)
    reference.save_pretrained(tmp_path)
    ours: Any = PeftModel.from_pretrained(own_of(checkpoint, head), tmp_path, is_trainable=True).train()
    loss = ours(IDS, attention_mask=MASK, labels=LABELS[head]).loss
    arrays = {"input_ids": IDS, "attention_mask": MASK, "labels": LABELS[head]}
    expected = reference.train()(**{name: torch.tensor(array) for name, array in arrays.items()}).loss
    assert abs(loss.item() - expected.item()) < 1e-5 * expected.item()
    loss.backward()
    expected.backward()
    gradients = {name: parameter.grad for name, parameter in reference.named_parameters()}
    largest = max(gradient.abs().max().item() for gradient in gradients.values() if gradient is not None)
    for name, parameter in ours.named_parameters():
        if gradients[name] is None:
            assert parameter.grad is None or not parameter.grad.numpy().any(), name
            continue
        assert parameter.grad is not None, name
        np.testing.assert_allclose(
            parameter.grad.numpy(), gradients[name].numpy(), atol=1e-5 * largest, rtol=1e-4, err_msg=name
        )


@pytest.mark.parametrize(("checkpoint", "head", "config"), CASES)
def test_merged_weights_are_those_of_peft(checkpoint: str, head: str, config: dict[str, Any], tmp_path: Path) -> None:
    reference = trained(checkpoint, head, config)
    reference.save_pretrained(tmp_path)
    ours: Any = PeftModel.from_pretrained(own_of(checkpoint, head), tmp_path)
    expected = {name: weight.numpy() for name, weight in reference.merge_and_unload().state_dict().items()}
    merged = ours.merge_and_unload()
    assert isinstance(merged, trustformers.PreTrainedModel)
    for name, weight in merged.state_dict().items():
        np.testing.assert_allclose(weight.numpy(), expected[name], atol=2e-6, err_msg=name)


def test_several_adapters_are_switched_as_in_peft(tmp_path: Path) -> None:
    first, second = ({"target_modules": names, "r": rank} for names, rank in ((["q_proj"], 2), (["up_proj"], 3)))
    torch.manual_seed(0)
    reference: Any = peft.get_peft_model(reference_of(LLAMA, CAUSAL), peft.LoraConfig(**first))
    reference.add_adapter("other", peft.LoraConfig(**second))
    with torch.no_grad():
        for name, parameter in reference.named_parameters():
            if "lora_" in name:
                parameter.add_(torch.randn(parameter.shape) * 0.1)
    reference.save_pretrained(tmp_path)
    ours: Any = PeftModel.from_pretrained(own_of(LLAMA, CAUSAL), tmp_path)
    ours.load_adapter(tmp_path / "other", "other")
    np.testing.assert_allclose(logits(ours), logits(reference), atol=1e-5)
    for name in ("other", "default"):
        reference.set_adapter(name)
        ours.set_adapter(name)
        np.testing.assert_allclose(logits(ours), logits(reference), atol=1e-5)
        found, expected = (
            {name: parameter.requires_grad for name, parameter in model.named_parameters()}
            for model in (ours, reference)
        )
        assert found == expected
    with ours.disable_adapter(), reference.disable_adapter():
        np.testing.assert_allclose(logits(ours), logits(reference), atol=1e-5)
    for model in (ours, reference):
        model.base_model.set_adapter(["default", "other"])
    np.testing.assert_allclose(logits(ours), logits(reference), atol=1e-5)
    names = ["other", "__base__"]
    with torch.no_grad():
        found, expected = (
            model.eval()(torch.tensor(IDS), attention_mask=torch.tensor(MASK), adapter_names=names).logits
            for model in (ours, reference)
        )
    np.testing.assert_allclose(found.numpy()[MASK == 1], expected.numpy()[MASK == 1], atol=1e-5)


@pytest.mark.parametrize("kind", ["svd", "cat", "linear"])
@pytest.mark.parametrize(("checkpoint", "targets"), [(LLAMA, ["q_proj", "embed_tokens"]), (GPT2, ["c_attn"])])
def test_sums_of_adapters_and_their_status_are_those_of_peft(
    kind: str, checkpoint: str, targets: list[str], tmp_path: Path
) -> None:
    rank = 4 if kind == "linear" else 2
    models = [trained(checkpoint, CAUSAL, {"target_modules": targets, "task_type": "CAUSAL_LM"})]
    models[0].add_adapter("other", peft.LoraConfig(r=rank, target_modules=targets[:1], init_lora_weights=False))
    models[0].save_pretrained(tmp_path)
    models.append(PeftModel.from_pretrained(own_of(checkpoint, CAUSAL), tmp_path, is_trainable=True))
    models[1].load_adapter(tmp_path / "other", "other")
    for model in models:
        model.add_weighted_adapter(["default", "other"], [0.7, -0.5], "sum", combination_type=kind)
    for name in ("default", "sum"):
        for model in models:
            model.set_adapter(name)
        np.testing.assert_allclose(logits(models[1]), logits(models[0]), atol=2e-5)
        expected, found = (dataclasses.asdict(model.get_model_status()) for model in models)
        assert found == expected
        expected, found = ([dataclasses.asdict(layer) for layer in model.get_layer_status()] for model in models)
        assert [{**layer, "module_type": ""} for layer in found] == [{**layer, "module_type": ""} for layer in expected]


def test_configurations_of_peft_are_read_and_written(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"r": 3, "target_modules": ["b", "a"], "task_type": "SEQ_CLS", "lora_dropout": 0.25}
    peft.LoraConfig(**settings).save_pretrained(tmp_path / "peft")
    LoraConfig(**settings).save_pretrained(tmp_path / "ours")
    own, theirs = (peft.PeftConfig.from_pretrained(tmp_path / name) for name in ("ours", "peft"))
    assert own == theirs
    assert LoraConfig.from_pretrained(tmp_path / "peft") == LoraConfig(**settings)


def test_adapters_of_a_model_itself_are_those_of_transformers(tmp_path: Path) -> None:
    config = peft.LoraConfig(target_modules=["q_proj"], init_lora_weights=False, modules_to_save=["norm"])
    reference = reference_of(LLAMA, CAUSAL)
    reference.add_adapter(config, "own")
    reference.save_pretrained(tmp_path / "reference")
    ours = own_of(LLAMA, CAUSAL)
    assert ours.load_adapter(tmp_path / "reference", "own") == ([], [])
    ours.set_adapter("own")
    found, expected = (
        {name: (tuple(parameter.shape), parameter.requires_grad) for name, parameter in model.named_parameters()}
        for model in (ours, reference)
    )
    assert found == expected
    assert set(ours.get_adapter_state_dict()) == set(reference.get_adapter_state_dict())
    np.testing.assert_allclose(logits(ours), logits(reference), atol=1e-5)
    ours.save_pretrained(tmp_path / "ours")
    again = reference_of(LLAMA, CAUSAL)
    again.load_adapter(tmp_path / "ours")
    np.testing.assert_allclose(logits(again), logits(reference), atol=1e-6)
