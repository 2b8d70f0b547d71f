"""Calls whose rows use different adapters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.peft import LoraConfig, get_peft_model
from trustformers.tensor import no_grad

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = np.array([[5, 6, 7, 8], [9, 10, 11, 0], [3, 4, 0, 0], [12, 13, 14, 15]])
MASK = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 1, 1, 1]])
NAMES = ["b", "a", "__base__", "a"]


def adapted(head: str = "AutoModelForSequenceClassification", family: str = "encoders/bert", **settings: Any) -> Any:
    model = getattr(tf, head).from_pretrained(GOLDENS / family, dtype="float32")
    options = {"r": 4, "target_modules": "all-linear", **settings}
    own = get_peft_model(model, LoraConfig(**options), "a")
    own.add_adapter("b", LoraConfig(**{**options, "lora_alpha": 16}))
    rng = np.random.default_rng(0)
    with no_grad():
        for name, parameter in own.named_parameters():
            if ".lora_B." in name:
                parameter.copy_(Tensor(rng.normal(size=parameter.shape).astype(np.float32)))
    return own.eval()


def rows_of_each(model: Any, function: Any) -> list[Any]:
    """What a function returns with each row's adapter."""
    found = []
    for row, name in enumerate(NAMES):
        if name == "__base__":
            with model.disable_adapter():
                found.append(function(row))
        else:
            model.set_adapter(name)
            found.append(function(row))
    model.set_adapter("a")
    return found


def test_each_row_has_its_adapter() -> None:
    model = adapted()
    expected = np.concatenate(rows_of_each(model, lambda row: model(IDS[[row]], attention_mask=MASK[[row]]).logits))
    own = model(IDS, attention_mask=MASK).logits
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    for inputs in ((IDS, MASK), (IDS.tolist(), MASK.tolist())):
        found = model(inputs[0], attention_mask=inputs[1], adapter_names=NAMES, output_hidden_states=True)
        np.testing.assert_allclose(found.logits, expected, rtol=1e-5, atol=1e-5)
        assert found.hidden_states[-1].shape[:2] == IDS.shape
    tensors = model(Tensor(IDS), Tensor(MASK), adapter_names=NAMES).logits
    assert isinstance(tensors, Tensor)
    np.testing.assert_allclose(tensors.numpy(), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(model(IDS, attention_mask=MASK).logits, own)
    assert trained == {name for name, parameter in model.named_parameters() if parameter.requires_grad}


@pytest.mark.parametrize("options", [{}, {"num_beams": 2, "num_return_sequences": 2}])
def test_generation_has_the_adapter_of_each_row(options: dict[str, Any]) -> None:
    model = adapted("AutoModelForCausalLM", "decoders/llama")
    settings = {"max_new_tokens": 6, "do_sample": False, "pad_token_id": 0, **options}
    ids = np.array([[5, 6, 7], [9, 10, 11], [3, 4, 5], [12, 13, 14]])
    expected = rows_of_each(model, lambda row: model.generate(ids[[row]], **settings))
    found = model.generate(ids, adapter_names=NAMES, **settings)
    config = tf.GenerationConfig(**settings)
    np.testing.assert_array_equal(model.generate(ids, config, adapter_names=NAMES), found)
    each = options.get("num_return_sequences", 1)
    assert len({row.tobytes() for row in found[:, 3:]}) > 1
    for row, sequences in enumerate(expected):
        own = found[row * each : (row + 1) * each]
        np.testing.assert_array_equal(own[:, : sequences.shape[1]], sequences)
        assert not own[:, sequences.shape[1] :].any()


def test_names_that_do_not_fit_the_rows_are_named() -> None:
    model = adapted()
    with pytest.raises(InputError, match="no adapter 'c'; there are a, b"):
        model(IDS, adapter_names=["a", "b", "c", "a"])
    with pytest.raises(InputError, match="2 names for the 4 rows of input_ids"):
        model(IDS, adapter_names=["a", "b"])
    with pytest.raises(InputError, match="expected a list of names, found str"):
        model(IDS, adapter_names="a")
    with pytest.raises(TypeError, match="at most 4 positional arguments"):
        model(IDS, MASK, None, None, None, adapter_names=NAMES)
    with pytest.raises(UnsupportedError, match="labels with adapter_names"):
        model(IDS, labels=[0, 1, 0, 1], adapter_names=NAMES)
    with pytest.raises(UnsupportedError, match="DoRA, which 'b' has"):
        adapted(use_dora=True)(IDS, adapter_names=NAMES)
    with pytest.raises(InputError, match="the model is in training mode"):
        model.train()(IDS, adapter_names=NAMES)
