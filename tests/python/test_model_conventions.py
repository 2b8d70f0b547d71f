"""What scripts ask of any model: attributes, methods without effect here, and refusals that say what to do."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.models.unsupported import UnsupportedModelMethods, UnsupportedModuleMethods, UnsupportedPartMethods

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = [[5, 7, 9], [1, 2, 3]]


@pytest.fixture(scope="module")
def llama() -> Any:
    return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")


def test_attributes_are_those_of_a_model_of_transformers(llama: Any) -> None:
    assert (llama.main_input_name, llama.framework, llama.input_modalities) == ("input_ids", "pt", "text")
    assert llama.config_class is tf.LlamaConfig and llama.generation_config_class is tf.GenerationConfig
    assert not llama.training and llama.model_tags is None and not llama.is_gradient_checkpointing
    assert not llama.supports_tp_plan and llama.tp_plan == {} and llama.tp_size is None
    assert not llama.is_remote_code() and not llama.is_custom_code() and not llama.is_backend_compatible()
    assert llama.should_save_on_this_rank(True) and llama.get_experts_implementation() == {"": "eager"}
    assert llama.get_expanded_tied_weights_keys() == {"lm_head.weight": "model.embed_tokens.weight"}
    assert llama.model.get_expanded_tied_weights_keys() == {}
    ids = llama.dummy_inputs["input_ids"]
    assert isinstance(ids, Tensor) and ids.shape == (3, 5) and llama(ids).logits.shape[:2] == (3, 5)


def test_what_needs_nothing_has_no_effect(llama: Any) -> None:
    before = llama(IDS).logits
    for name in ("tie_weights", "init_weights", "post_init", "zero_grad", "compile", "enable_input_require_grads"):
        assert getattr(llama, name)() is None
    llama.enable_input_require_grads()
    llama.disable_input_require_grads()
    llama.set_use_kernels(False)
    for implementation in ("eager", "sdpa", {"": "flash_attention_2"}):
        llama.set_attn_implementation(implementation)
    with pytest.raises(InputError, match="attn_implementation: expected a name, found int"):
        llama.set_attn_implementation(3)
    np.testing.assert_array_equal(llama.get_compiled_call(None)(IDS).logits, before)
    llama.add_model_tags("one")
    llama.add_model_tags(["one", "two"])
    assert llama.model_tags == ["one", "two"] and type(llama).model_tags is None


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("register_forward_hook", "register_forward_hook() of a LlamaForCausalLM, output_hidden_states=True"),
        ("push_to_hub", "save_pretrained(), hf upload"),
        ("set_output_embeddings", "load_state_dict()"),
        ("enable_peft_hotswap", "load_adapter()"),
        ("get_extended_attention_mask", "attention_mask of shape (batch, seq)"),
        ("generate_batch", "generate_async()"),
    ],
)
def test_refusals_say_what_to_do(llama: Any, name: str, parts: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        getattr(llama, name)(1, key=2)
    assert all(part in str(caught.value) for part in parts.split(", "))


def test_every_refusal_is_one_sentence(llama: Any) -> None:
    layer = llama.model.layers[0]
    for kind, owner in (
        (UnsupportedModelMethods, llama),
        (UnsupportedModuleMethods, llama),
        (UnsupportedModuleMethods, layer),
        (UnsupportedPartMethods, layer),
    ):
        for name in (name for name in vars(kind) if not name.startswith("_")):
            with pytest.raises(UnsupportedError, match=rf"^not supported: {name}\(\) of a {type(owner).__name__}; \S"):
                getattr(owner, name)()
    with pytest.raises(UnsupportedError, match="pass labels"):
        _ = llama.loss_function
    with pytest.raises(UnsupportedError, match="use_kernels"):
        llama.set_use_kernels(True)


def test_padding_without_a_mask_warns(llama: Any, caplog: pytest.LogCaptureFixture) -> None:
    pad = llama.config.pad_token_id or 0
    llama.config.pad_token_id = pad
    with caplog.at_level(logging.WARNING, "trustformers"):
        llama.warn_if_padding_and_no_attention_mask(np.array([[5, pad + 1]]), None)
        llama.warn_if_padding_and_no_attention_mask(np.array([[5, pad]]), np.array([[1, 0]]))
        assert not caplog.records
        llama.warn_if_padding_and_no_attention_mask(Tensor([[5, pad]]), None)
    assert "pass attention_mask" in caplog.text


def test_steps_have_their_inputs(llama: Any) -> None:
    ids = np.array(IDS)
    mask = np.ones_like(ids)
    inputs = llama.prepare_inputs_for_generation(ids, attention_mask=mask, use_cache=True, labels=ids)
    assert inputs.keys() == {"input_ids", "attention_mask", "use_cache"}
    output = llama(**inputs)
    longer = np.concatenate([ids, output.logits[:, -1:].argmax(-1)], 1)
    step = llama.prepare_inputs_for_generation(
        longer,
        next_sequence_length=1,
        past_key_values=output.past_key_values,
        attention_mask=np.ones_like(longer),
        position_ids=np.arange(4)[None].repeat(2, 0),
    )
    assert step["input_ids"].shape == step["position_ids"].shape == (2, 1)
    np.testing.assert_allclose(llama(**step).logits[:, 0], llama(longer).logits[:, -1], atol=1e-5)
    vectors = llama.model.embed_tokens.weight[Tensor(ids)]
    first = llama.prepare_inputs_for_generation(ids, inputs_embeds=vectors, is_first_iteration=True)
    assert first["input_ids"] is None and first["inputs_embeds"] is vectors
