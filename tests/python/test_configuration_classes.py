"""Configurations as classes: defaults, other names of keys, subclasses, dicts, files, and those of models."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers.errors import ConfigError, InputError, UnsupportedError
from trustformers.models.auto.configuration_auto import CONFIG_MAPPING
from trustformers.models.auto_config import REGISTERED

GOLDENS = Path(__file__).parents[1] / "goldens"
GPT2 = GOLDENS / "decoders" / "gpt2"
SMALL: dict[str, Any] = {"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


class Own(tf.PretrainedConfig):
    model_type = "own"

    def __init__(self, depth: int = 3, **kwargs: Any) -> None:
        self.depth = depth
        super().__init__(**kwargs)


class Declared(tf.PreTrainedConfig):
    model_type = "declared"
    depth: int = 3
    width: int


@pytest.mark.parametrize("model_type", CONFIG_MAPPING)
def test_every_family_has_the_defaults_of_its_keys(model_type: str) -> None:
    assert CONFIG_MAPPING[model_type]().vocab_size > 0, "run ci/reference/configurations.py"


def test_classes_have_their_keys_as_attributes() -> None:
    assert (tf.BertConfig.vocab_size, tf.BertConfig.dtype, tf.BertConfig.is_encoder_decoder) == (30522, None, False)
    assert not hasattr(tf.BertConfig, "keys_to_ignore_at_inference")
    gpt2: Any = tf.GPT2Config
    assert gpt2.keys_to_ignore_at_inference == ["past_key_values"]
    config = tf.LlamaConfig(hidden_size=64, num_attention_heads=4)
    assert (config.head_dim, config.num_key_value_heads) == (16, 4)
    assert config.rope_parameters == config.rope_scaling == {"rope_theta": 10000.0, "rope_type": "default"}
    assert not hasattr(tf.LlamaConfig(rope_theta=5.0), "rope_theta")
    with pytest.raises(InputError, match="keyword arguments only, found 1"):
        tf.BertConfig(30522)


def test_null_stays_where_a_key_may_be_null() -> None:
    config = tf.BertConfig(pad_token_id=None, hidden_size=None)
    assert (config.pad_token_id, config.hidden_size) == (None, 768)
    assert tf.MistralConfig(sliding_window=None).sliding_window is None


def test_configurations_are_iterated_compared_copied_and_pickled() -> None:
    config = tf.GPT2Config(n_embd=8, foo={"bar": [1]})
    assert "n_embd" in config and "hidden_size" not in config and list(config) == list(vars(config))
    for other in (copy.deepcopy(config), pickle.loads(pickle.dumps(config)), tf.GPT2Config.from_dict(config.to_dict())):
        assert (type(other), other.to_dict(), other.hidden_size) == (tf.GPT2Config, config.to_dict(), 8)
    assert copy.deepcopy(config) == config != tf.GPT2Config(n_embd=8)
    assert repr(config) == f"GPT2Config {config.to_json_string()}" and "return_dict" not in repr(config)


def test_settings_of_generate_are_no_keys(tmp_path: Path) -> None:
    config = tf.GPT2Config(max_length=9, do_sample=True, use_cache=False)
    assert not hasattr(config, "max_length") and config.use_cache is False
    config.max_length = 9
    with pytest.raises(InputError, match=r"belong to model.generation_config, found \{'max_length': 9\}"):
        config.save_pretrained(tmp_path)


def test_arguments_that_are_no_keys_are_returned_on_request(tmp_path: Path) -> None:
    config, unused = tf.AutoConfig.from_pretrained(GPT2, hidden_size=8, foo=1, num_labels=4, return_unused_kwargs=True)
    assert (config.n_embd, config.num_labels, unused) == (8, 4, {"foo": 1})
    assert not hasattr(tf.AutoConfig.from_pretrained(GPT2, foo=1, trust_remote_code=True), "foo")
    keys, further = tf.PreTrainedConfig.get_config_dict(GPT2, foo=1, revision="main")
    assert (keys["n_embd"], further) == (40, {"foo": 1})
    file = tmp_path / "other.json"
    config.to_json_file(file)
    assert tf.AutoConfig.from_pretrained(file).n_embd == tf.GPT2Config.from_json_file(file).n_embd == 8
    assert tf.AutoConfig.from_pretrained(GPT2, dtype="float16").dtype == "float16"


def test_texts_update_keys() -> None:
    config = tf.GPT2Config()
    config.update_from_string("n_layer=3,resid_pdrop=0.5,scale_attn_weights=no,summary_type=mean")
    assert (config.n_layer, config.resid_pdrop, config.scale_attn_weights, config.summary_type) == (
        3,
        0.5,
        False,
        "mean",
    )
    for text, message in (("foo=1", "found 'foo=1'"), ("n_layer=x", "n_layer: expected a number, found 'x'")):
        with pytest.raises(InputError, match=message):
            config.update_from_string(text)
    with pytest.raises(InputError, match="scale_attn_weights: expected true or false"):
        config.update_from_string("scale_attn_weights=3")
    with pytest.raises(TypeError, match="n_inner is of type NoneType"):
        config.update_from_string("n_inner=3")


def test_floats_that_json_lacks_are_saved(tmp_path: Path) -> None:
    tf.BertConfig(limits=[float("inf"), {"low": float("-inf")}]).save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["limits"][0] == {"__float__": "Infinity"}
    assert tf.BertConfig.from_pretrained(tmp_path).limits == [float("inf"), {"low": float("-inf")}]


def test_labels_are_linked() -> None:
    config = tf.BertConfig(id2label={"0": "no", "1": "yes"}, label2id={"no": 0, "yes": 1})
    config.num_labels = 2
    assert config.id2label == {0: "no", 1: "yes"}
    config.num_labels = 3
    assert config.label2id == {"LABEL_0": 0, "LABEL_1": 1, "LABEL_2": 2}
    with pytest.raises(InputError, match="needs more labels than one"):
        tf.BertConfig(num_labels=1, problem_type="single_label_classification")


def test_subclasses_have_keys_of_their_own(tmp_path: Path) -> None:
    config = Own(depth=5, num_labels=3)
    assert (config.depth, config.num_labels, config.to_dict()["model_type"]) == (5, 3, "own")
    config.save_pretrained(tmp_path)
    assert Own.from_pretrained(tmp_path).depth == 5
    declared = Declared(width=7)
    assert (declared.depth, declared.width, Declared(depth=2, width=1).to_diff_dict()["depth"]) == (3, 7, 2)
    with pytest.raises(TypeError, match=r"Declared\(\) needs width"):
        Declared()

    class Wider(tf.LlamaConfig):
        model_type = "wider"
        hidden_size = 64

    assert tf.LlamaModel(Wider(**SMALL, intermediate_size=8)).config.hidden_size == 16
    assert (Wider().head_dim, Wider(hidden_size=128).head_dim, Wider.vocab_size) == (2, 4, 32000)


def test_registered_classes_are_chosen_by_model_type(tmp_path: Path) -> None:
    Own(depth=4).save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match='key "model_type" is "own", expected one of: albert'):
        tf.AutoConfig.from_pretrained(tmp_path)
    try:
        tf.AutoConfig.register("own", Own)
        config = tf.AutoConfig.from_pretrained(tmp_path)
        assert (type(config), config.depth, CONFIG_MAPPING["own"]) == (Own, 4, Own)
        assert "own" in CONFIG_MAPPING and tf.AutoConfig.for_model("own", depth=2).depth == 2
        shutil.copy(GPT2 / "model.safetensors", tmp_path)
        with pytest.raises(ConfigError, match='key "model_type" is "own", expected one of: albert'):
            tf.AutoModel.from_pretrained(tmp_path)
        with pytest.raises(ConfigError, match='model_type: "own" is not known'):
            tf.AutoModel.from_config(config)
    finally:
        REGISTERED.pop("own", None)
    with pytest.raises(InputError, match='Own has "own", found "other"'):
        tf.AutoConfig.register("other", Own)
    Own.model_type = "bert"
    try:
        with pytest.raises(InputError, match='"bert" is a family'):
            tf.AutoConfig.register("bert", Own)
    finally:
        Own.model_type = "own"


def test_models_have_the_configuration_that_they_are_made_with(tmp_path: Path) -> None:
    config = tf.BertConfig(**SMALL, intermediate_size=8)
    model = tf.BertModel(config)
    assert model.config is config and config.dtype is None
    assert tf.AutoModel.from_config(config, dtype="bfloat16").config.dtype == "bfloat16"
    assert tf.AutoModel.from_config(config, dtype="auto").config.dtype == "float32"
    assert {tf.BertConfig(dtype=one).dtype for one in (np.float16, np.dtype("float16"), "float16")} == {"float16"}
    model.config.id2label = {0: "no", 1: "yes"}
    model.config.note = "mine"
    model.half().save_pretrained(tmp_path)
    saved = json.loads((tmp_path / "config.json").read_text())
    assert (saved["id2label"], saved["note"], saved["dtype"]) == ({"0": "no", "1": "yes"}, "mine", "float16")
    assert saved["architectures"] == ["BertModel"] and "return_dict" not in saved and "_name_or_path" not in saved
    loaded = tf.AutoModel.from_pretrained(tmp_path, dtype="float32", attn_implementation="eager")
    assert (loaded.config.dtype, loaded.config._attn_implementation) == ("float32", "eager")
    assert loaded.config.name_or_path == str(tmp_path)


def test_parts_that_configurations_lack_are_refused() -> None:
    config = tf.BertConfig()
    assert config.get_text_config(decoder=True) is config and not config.is_custom_code() and Own.is_custom_code()
    assert (config.sub_configs, config.is_heterogeneous, len(config.per_layer_config)) == ({}, False, 12)
    config.validate()
    for use in (config.push_to_hub, config.get_mtp_config, config.register_for_auto_class):
        with pytest.raises(UnsupportedError, match="not supported"):
            use()
    with pytest.raises(InputError, match=r"yarn.* needs factor"):
        tf.LlamaConfig(rope_parameters={"rope_type": "yarn"}).validate_rope()


def test_models_keep_the_architectures_of_their_files() -> None:
    config = tf.AutoConfig.from_pretrained(GPT2)
    for options in ({}, {"config": config}, {"output_hidden_states": True}):
        loaded: Any = tf.AutoModel.from_pretrained(GPT2, **options, output_loading_info=True)
        model, info = loaded
        assert (model.config.architectures, info["unknown_config_keys"]) == (["GPT2LMHeadModel"], [])
    assert config.architectures == ["GPT2LMHeadModel"] and model.config is not config


def test_classes_are_dataclasses_with_a_post_init() -> None:
    class Doubled(tf.PreTrainedConfig):
        depth: int = 2

        def __post_init__(self, **kwargs: Any) -> None:
            self.double = 2 * self.depth
            super().__post_init__(**kwargs)

    config: Any = Doubled(depth=4, foo=1)
    labeled: Any = tf.BertConfig(num_labels=3)
    assert (config.double, config.to_dict()["foo"], config.name_or_path) == (8, 1, "")
    assert {"depth", "architectures"} <= {field.name for field in dataclasses.fields(config)}
    assert dataclasses.replace(labeled, hidden_size=8).num_labels == 3

    @dataclasses.dataclass(repr=False)
    class Decorated(tf.PreTrainedConfig):
        depth: int = 2

    assert (Decorated(depth=4).depth, Decorated().num_labels) == (4, 2)
