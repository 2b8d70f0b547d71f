"""Arguments of `from_pretrained` that transformers takes: honoured, without effect, or refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Device, Tensor
from trustformers.errors import InputError, UnsupportedError

GOLDENS = Path(__file__).parent.parent / "goldens"
BERT, LLAMA = GOLDENS / "encoders/bert", GOLDENS / "decoders/llama"
IDS = [[5, 7, 9], [1, 2, 3]]


@pytest.mark.parametrize(
    "arguments",
    [
        {"attn_implementation": "sdpa", "low_cpu_mem_usage": True, "trust_remote_code": True, "weights_only": False},
        {"offload_folder": "offload", "offload_state_dict": True, "max_memory": {0: "10GiB", "cpu": "30GiB"}},
        {"mirror": "tuna", "_fast_init": False, "force_download": False, "resume_download": True},
        {"use_auth_token": False, "code_revision": None, "disable_mmap": True, "experts_implementation": "eager"},
        {"proxies": None, "adapter_kwargs": {}, "tp_plan": None, "use_kernels": False, "key_mapping": None},
        {"token": True},
    ],
    ids=lambda given: next(iter(given)),
)
def test_arguments_without_effect_are_accepted(arguments: dict[str, Any]) -> None:
    expected = tf.AutoModel.from_pretrained(BERT)(IDS).last_hidden_state
    np.testing.assert_array_equal(tf.AutoModel.from_pretrained(BERT, **arguments)(IDS).last_hidden_state, expected)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ({"adapter_kwargs": {"revision": "main"}}, ["adapter_kwargs", "load_adapter()"]),
        ({"tp_plan": "auto"}, ["tp_plan", "one device"]),
        ({"proxies": {"https": "proxy:8080"}}, ["proxies", "HTTPS_PROXY"]),
        ({"from_tf": True}, ["from_tf", "safetensors"]),
        ({"use_kernels": True}, ["use_kernels", "torch"]),
        ({"key_mapping": {"^a": "b"}}, ["key_mapping", "load_state_dict()"]),
        ({"device_map": {"bert": 0, "classifier": "cpu"}}, ["device_map", "0, cpu", "one device"]),
        ({"device_map": {"": "disk"}}, ["device_map", "disk"]),
    ],
    ids=str,
)
def test_what_would_load_something_else_is_refused_by_name(arguments: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(UnsupportedError) as caught:
        tf.AutoModel.from_pretrained(BERT, **arguments)
    assert all(part in str(caught.value) for part in parts)


@pytest.mark.parametrize(
    "device_map", ["auto", "balanced", "cpu", Device.cpu(), {"": "cpu"}, {"a": "cpu", "b": Device.cpu()}, {"": 0}, -1]
)
def test_a_device_map_may_name_one_device(device_map: Any) -> None:
    assert tf.AutoModel.from_pretrained(BERT, device_map=device_map).device == tf.AutoModel.from_pretrained(BERT).device


def test_a_generation_config_replaces_the_models_own() -> None:
    config = tf.GenerationConfig(max_new_tokens=3, do_sample=False)
    model = tf.AutoModelForCausalLM.from_pretrained(LLAMA, generation_config=config)
    assert model.generation_config is config and model.generate(IDS, eos_token_id=None, pad_token_id=0).shape == (2, 6)
    assert tf.AutoModel.from_pretrained(LLAMA, generation_config=config)(IDS) is not None


def test_a_state_dict_gives_the_weights() -> None:
    reference = tf.AutoModelForMaskedLM.from_pretrained(BERT)
    state, config = reference.state_dict(), reference.config
    expected = reference(IDS).logits
    for kind in (tf.AutoModelForMaskedLM, tf.BertForMaskedLM):
        model = kind.from_pretrained(None, config=config, state_dict=state)
        assert type(model) is tf.BertForMaskedLM
        np.testing.assert_array_equal(model(IDS).logits, expected)
    model = tf.BertForMaskedLM.from_pretrained(None, config=config, state_dict=state, dtype="bfloat16")
    assert model.dtype == "bfloat16"
    with pytest.raises(InputError, match="state_dict: pass it with config"):
        tf.AutoModel.from_pretrained(BERT, state_dict=state)
    with pytest.raises(InputError, match="pretrained_model_name_or_path: expected a path .* found NoneType"):
        tf.AutoModel.from_pretrained(None)
    with pytest.raises(InputError, match="token: expected a str or a bool, found int"):
        tf.AutoModel.from_pretrained(BERT, token=3)  # type: ignore[arg-type]


def test_a_configuration_may_be_a_path(tmp_path: Path) -> None:
    config = tf.AutoConfig.from_pretrained(BERT)
    config.num_labels = 5
    config.save_pretrained(tmp_path)
    model = tf.AutoModelForSequenceClassification.from_pretrained(BERT, config=tmp_path, ignore_mismatched_sizes=True)
    assert model(IDS).logits.shape == (2, 5)


def test_keys_of_the_configuration_are_arguments() -> None:
    model = tf.AutoModelForCausalLM.from_pretrained(LLAMA, use_cache=False, output_hidden_states=True)
    output: Any = model(IDS)
    assert output.past_key_values is None and len(output.hidden_states) == model.config.num_hidden_layers + 1
    with pytest.raises(TypeError, match="unexpected keyword arguments: max_memori"):
        tf.AutoModel.from_pretrained(BERT, max_memori={})


def test_floating_masks_of_ones_and_zeros_are_masks() -> None:
    model = tf.AutoModel.from_pretrained(BERT)
    expected = model(IDS, attention_mask=[[1, 1, 0], [1, 1, 1]]).last_hidden_state
    found = model(IDS, attention_mask=np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]], np.float32)).last_hidden_state
    np.testing.assert_array_equal(found, expected)
    with pytest.raises(InputError, match="attention_mask: expected integers, found float32"):
        model(IDS, attention_mask=np.full((2, 3), 0.5, np.float32))


@pytest.mark.parametrize("dtype", ["int8", "float64", "complex64", "torch.float8_e4m3fn"])
def test_dtypes_that_weights_do_not_have_are_named(dtype: str) -> None:
    model = tf.AutoModel.from_pretrained(BERT)
    message = f'dtype: "{dtype.removeprefix("torch.")}" is not one of'
    with pytest.raises(InputError, match=message):
        model.to(dtype)
    with pytest.raises(InputError, match=message):
        tf.AutoModel.from_pretrained(BERT, dtype=dtype)


def test_gradients_of_a_quantized_model_are_refused() -> None:
    model = tf.AutoModel.from_pretrained(LLAMA, load_in_8bit=True)
    vectors = Tensor(np.ones((1, 2, 40), np.float32), requires_grad=True)
    with pytest.raises(
        UnsupportedError, match=r"inputs_embeds that require a gradient .* int8; pass inputs_embeds\.detach"
    ):
        model(inputs_embeds=vectors)
    with tf.no_grad():
        assert model(inputs_embeds=vectors).last_hidden_state.shape == (1, 2, 40)
    assert model(inputs_embeds=vectors.detach()).last_hidden_state.shape == (1, 2, 40)


def test_models_of_a_configuration_have_its_dtype() -> None:
    config = tf.AutoConfig.from_pretrained(LLAMA)
    assert config.dtype == "bfloat16" and tf.AutoModel.from_config(config).dtype == "bfloat16"
    assert tf.LlamaModel(config).dtype == "float32" == tf.LlamaModel(config, dtype="auto").dtype
    dtypes: list[dict[str, Any]] = [{"dtype": "float16"}, {"torch_dtype": "float16"}, {"dtype": np.float16}]
    for arguments in dtypes:
        more = arguments | {"attn_implementation": "sdpa", "trust_remote_code": True}
        assert tf.AutoModelForCausalLM.from_config(config, **more).dtype == "float16"
    with pytest.raises(TypeError, match="unexpected keyword arguments: attention"):
        tf.AutoModel.from_config(config, attention="eager")
    with pytest.raises(UnsupportedError, match="tp_plan"):
        tf.AutoModel.from_config(config, tp_plan="auto")


def test_classes_that_choose_a_model_class_have_a_base() -> None:
    from trustformers.models.auto import auto_factory

    base = auto_factory._BaseAutoModelClass
    assert issubclass(tf.AutoModel, base) and issubclass(tf.AutoModelForCausalLM, base)
    assert not issubclass(tf.BertModel, base)
    assert auto_factory.get_values({"bert": tf.BertModel}) == [tf.BertModel]


def test_families_have_base_classes() -> None:
    model = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama")
    assert isinstance(model, tf.LlamaPreTrainedModel) and not isinstance(model, tf.BertPreTrainedModel)
    assert isinstance(model.model, tf.LlamaPreTrainedModel)
    assert issubclass(tf.BloomModel, tf.BloomPreTrainedModel) and issubclass(
        tf.BloomPreTrainedModel, tf.PreTrainedModel
    )
    assert issubclass(tf.Gemma3TextModel, tf.Gemma3PreTrainedModel)

    class Own(tf.BertPreTrainedModel):
        pass

    for kind, message in ((tf.BertPreTrainedModel, "is a base class; use"), (Own, "Own, a model class of one's own")):
        with pytest.raises(TypeError, match=message):
            kind(tf.BertConfig())
        with pytest.raises(TypeError, match=message):
            kind.from_pretrained(GOLDENS / "encoders/bert")
