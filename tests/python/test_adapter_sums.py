"""Adapters that are sums of others, the status of adapters, and what of PEFT is absent."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import peft
from trustformers.errors import InputError, UnsupportedError
from trustformers.peft import LoraConfig, PeftModel, get_peft_model

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = np.array([[5, 6, 7, 8], [9, 10, 11, 12]])
KINDS = ("svd", "cat", "linear")


def llama() -> Any:
    tf.set_seed(0)
    return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")


def config(**settings: Any) -> LoraConfig:
    return LoraConfig(**{"r": 4, "target_modules": ["q_proj"], "init_lora_weights": False, **settings})


def with_two(first: dict[str, Any] | None = None, second: dict[str, Any] | None = None) -> Any:
    model = get_peft_model(llama(), config(**(first or {})))
    model.add_adapter("other", config(**(second or {})))
    return model


def logits(model: Any, name: str) -> Any:
    model.set_adapter(name)
    return model(IDS).logits


@pytest.mark.parametrize("kind", KINDS)
def test_a_sum_of_one_adapter_is_the_adapter(kind: str) -> None:
    model = with_two({"use_rslora": True, "lora_alpha": 3})
    model.add_weighted_adapter(["default"], [1.0], "one", combination_type=kind)
    np.testing.assert_allclose(logits(model, "one"), logits(model, "default"), atol=1e-5)


@pytest.mark.parametrize("kind", ["svd", "cat"])
def test_a_sum_is_that_of_the_updates(kind: str, tmp_path: Path) -> None:
    model = with_two({"target_modules": ["q_proj", "embed_tokens"]}, {"r": 2, "target_modules": ["q_proj", "up_proj"]})
    model.base_model.set_adapter(["default", "other"])
    expected = model(IDS).logits
    model.add_weighted_adapter(["default", "other"], [1.0, 1.0], "sum", combination_type=kind, svd_rank=6)
    assert model.active_adapters == ["default", "other"]
    np.testing.assert_allclose(logits(model, "sum"), expected, atol=1e-4)
    model.save_pretrained(tmp_path, selected_adapters=["sum"])
    np.testing.assert_allclose(PeftModel.from_pretrained(llama(), tmp_path / "sum")(IDS).logits, expected, atol=1e-4)


def test_weights_may_be_negative() -> None:
    model = with_two(second={"r": 4})
    plain = llama()(IDS).logits
    for kind in KINDS:
        model.add_weighted_adapter(["default", "default"], [1.0, -1.0], kind, combination_type=kind)
        if kind != "linear":
            np.testing.assert_allclose(logits(model, kind), plain, atol=1e-5)


@pytest.mark.parametrize(
    ("second", "arguments", "error", "message"),
    [
        ({"r": 2}, (["default", "other"], [1, 1], "linear"), InputError, r"adapters of one rank, found \[4, 2\]"),
        ({}, (["default", "absent"], [1, 1], "cat"), InputError, "no adapter 'absent'; there are default, other"),
        ({}, (["default", "other"], [1], "cat"), InputError, "expected one of each of 2 adapters, found 1"),
        ({}, ([], [], "cat"), InputError, "adapters: expected names of adapters, found nothing"),
        ({}, (["default", "other"], [1, 1], "ties"), UnsupportedError, "combination_type='ties'; use one of svd, "),
        ({"use_dora": True}, (["default", "other"], [1, 1], "cat"), UnsupportedError, "'other', which has use_dora"),
        ({"target_modules": ".*q_proj"}, (["default", "other"], [1, 1], "cat"), InputError, "a regular expression in"),
    ],
)
def test_sums_that_are_refused_add_nothing(
    second: dict[str, Any], arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    model = with_two(second=second)
    names, weights, kind = arguments
    with pytest.raises(error, match=message):
        model.add_weighted_adapter(
            names, weights, "sum", combination_type=kind, density=0.5 if kind == "ties" else None
        )
    assert list(model.peft_config) == ["default", "other"]


def test_the_status_names_the_adapters_that_are_used() -> None:
    model = with_two(second={"target_modules": ["k_proj"]})
    status = model.get_model_status()
    assert status.active_adapters == ["default"] and status.available_adapters == ["default", "other"]
    assert status.requires_grad == {"default": True, "other": False} and status.num_adapter_layers == 6
    assert status.enabled and status.merged_adapters == [] and status.quantization_backend is None
    with model.disable_adapter():
        assert not model.get_model_status().enabled
    layers = model.get_layer_status()
    assert layers[1].name == "model.model.layers.0.self_attn.k_proj" and layers[1].available_adapters == ["other"]


def test_what_is_absent_says_what_to_use() -> None:
    with pytest.raises(UnsupportedError, match=r"merge_adapter\(\) of a LoraModel; merge_and_unload\(\)"):
        with_two().merge_adapter()
    assert not hasattr(peft, "IA3Config") and not hasattr(peft, "nonsense")
    with pytest.raises(UnsupportedError, match="'IA3Config' of trustformers.peft; adapters are those of LoRA"):
        peft.IA3Config  # type: ignore[attr-defined]  # noqa: B018  # the error's subject
    with pytest.raises(ImportError, match="'PrefixTuningConfig' of peft; adapters are those of LoRA"):
        import_module("trustformers.peft.PrefixTuningConfig")
