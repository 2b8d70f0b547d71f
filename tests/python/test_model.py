"""Models: the goldens, the interface of outputs, saving, and bad input."""

import copy
import json
import logging
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from trustformers import AutoConfig, AutoModel, AutoTokenizer, Device, PreTrainedModel
from trustformers.errors import (
    ConfigError,
    HubError,
    InputError,
    TrustformersError,
    UnsupportedError,
    WeightsError,
)

IDS = [[1, 2, 3], [4, 5, 6]]


@pytest.fixture(scope="module")
def model(bert_golden: Path) -> PreTrainedModel:
    return AutoModel.from_pretrained(bert_golden)


def test_positions_and_types_of_one_row_are_those_of_each(model: Any) -> None:
    ids, row = [[5, 6, 7], [8, 9, 10]], [[2, 3, 4]]
    for name, values in (("position_ids", row), ("token_type_ids", [[0, 1, 1]])):
        found = model(ids, **{name: values}).last_hidden_state
        np.testing.assert_array_equal(found, model(ids, **{name: values * 2}).last_hidden_state)
    with pytest.raises(InputError, match=r"position_ids: has shape \(1, 2\)"):
        model(ids, position_ids=[[1, 2]])


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_outputs_equal_the_reference(bert_golden: Path, dtype: str) -> None:
    manifest = json.loads((bert_golden / "manifest.json").read_text())
    cases = load_file(bert_golden / "cases.safetensors")
    model = AutoModel.from_pretrained(bert_golden, dtype=dtype)
    suffix = "" if dtype == "float32" else f".{dtype}"
    names = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
    for case in manifest["cases"]:
        outputs = model(**{name: cases[f"{case}.{name}"] for name in names if f"{case}.{name}" in cases})
        mask = cases.get(f"{case}.attention_mask")
        for name in ("last_hidden_state", "pooler_output"):
            assert outputs[name].dtype == np.float32
            expected = cases[f"{case}.{name}{suffix}"]
            if name == "last_hidden_state" and mask is not None:
                # The reference computes padded positions; here they are zero.
                expected = expected * (mask != 0)[..., None]
            np.testing.assert_allclose(outputs[name], expected, rtol=0, atol=manifest["tolerance"][dtype], err_msg=case)


def test_dtype_follows_the_checkpoint_unless_it_is_given(bert_copy: Path) -> None:
    assert AutoModel.from_pretrained(bert_copy).dtype == "float32"
    AutoModel.from_pretrained(bert_copy, dtype="bfloat16").save_pretrained(bert_copy)
    assert AutoModel.from_pretrained(bert_copy).dtype == "bfloat16"
    assert AutoModel.from_pretrained(bert_copy, dtype="float32").dtype == "float32"


def test_any_integer_type_and_lists_are_accepted(model: PreTrainedModel) -> None:
    expected = model(np.array(IDS)).last_hidden_state
    for ids in (IDS, np.array(IDS, np.int32), np.array(IDS, np.uint8), np.asfortranarray(IDS)):
        np.testing.assert_array_equal(model(ids).last_hidden_state, expected)
    masked = model(IDS, attention_mask=np.array([[True, True, False]] * 2)).last_hidden_state
    np.testing.assert_array_equal(masked, model(IDS, attention_mask=[[1, 1, 0]] * 2).last_hidden_state)


def test_a_list_of_integers_is_a_batch_of_one(model: PreTrainedModel) -> None:
    row, mask, segments = IDS[0], [1, 1, 0], [0, 1, 1]
    expected = model([row], attention_mask=[mask], token_type_ids=[segments], position_ids=[[1, 2, 3]])
    for kind in (list, tuple):
        found = model(kind(row), attention_mask=kind(mask), token_type_ids=kind(segments), position_ids=kind([1, 2, 3]))
        np.testing.assert_array_equal(found.last_hidden_state, expected.last_hidden_state)
    scalars = [np.int64(token) for token in row]
    np.testing.assert_array_equal(model(scalars).last_hidden_state, model([row]).last_hidden_state)


def test_an_output_is_an_object_a_mapping_and_a_tuple(model: PreTrainedModel) -> None:
    outputs = model(IDS)
    hidden, pooled = outputs.last_hidden_state, outputs.pooler_output
    assert hidden.shape == (2, 3, 40)
    assert pooled is not None and pooled.shape == (2, 40)
    assert outputs[0] is outputs["last_hidden_state"] is hidden
    assert outputs[1] is outputs["pooler_output"] is pooled
    assert outputs[:1] == (hidden,)
    assert [id(value) for value in outputs.to_tuple()] == [id(hidden), id(pooled)]
    assert list(outputs) == list(outputs.keys()) == ["last_hidden_state", "pooler_output"]
    assert len(outputs) == 2 and "pooler_output" in outputs
    with pytest.raises(TypeError):
        outputs.pop("pooler_output")
    for copied in (pickle.loads(pickle.dumps(outputs)), copy.deepcopy(outputs)):
        np.testing.assert_array_equal(copied.last_hidden_state, hidden)
        np.testing.assert_array_equal(copied["pooler_output"], pooled)
    assert isinstance(model(IDS, return_dict=False), tuple)


def test_outputs_own_their_memory(model: PreTrainedModel) -> None:
    first = model(IDS).last_hidden_state
    kept = first.copy()
    model([[7, 8, 9], [10, 11, 12]])
    np.testing.assert_array_equal(first, kept)
    first += 1  # writable, and not shared
    np.testing.assert_array_equal(model(IDS).last_hidden_state, kept)


def test_saving_keeps_names_values_and_outputs(model: PreTrainedModel, bert_golden: Path, tmp_path: Path) -> None:
    model.save_pretrained(tmp_path / "new" / "folder")
    before, after = (load_file(path / "model.safetensors") for path in (bert_golden, tmp_path / "new" / "folder"))
    assert before.keys() == after.keys()
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name])
    assert AutoConfig.from_pretrained(tmp_path / "new" / "folder").to_diff_dict() == model.config.to_diff_dict()


def test_config_reads_and_writes(bert_golden: Path, tmp_path: Path) -> None:
    config = AutoConfig.from_pretrained(bert_golden, hidden_size=80)
    assert (config.model_type, config.hidden_size, config.num_attention_heads) == ("bert", 80, 5)
    with pytest.raises(AttributeError, match="hidden_width"):
        _ = config.hidden_width
    config.save_pretrained(tmp_path)
    assert AutoConfig.from_pretrained(tmp_path, name_or_path=bert_golden) == config


def test_heads_in_a_checkpoint_are_named_in_a_warning(bert_copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = bert_copy / "model.safetensors"
    tensors = {f"bert.{name}": values for name, values in load_file(file).items()}
    save_file({**tensors, "cls.predictions.bias": np.zeros(131, np.float32)}, file)
    with caplog.at_level(logging.WARNING, "trustformers"):
        outputs = AutoModel.from_pretrained(bert_copy)(IDS)
    assert "cls.predictions.bias" in caplog.text
    assert outputs.last_hidden_state.shape == (2, 3, 40)


def test_minilm_loads_with_its_tokenizer(minilm_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(minilm_path)
    model = AutoModel.from_pretrained(minilm_path, device=Device.cpu())
    inputs = tokenizer(["Hello, world!", "Rust is fast."], padding=True, return_tensors="np")
    assert model(**inputs).last_hidden_state.shape == (2, 6, 384)
    assert str(model.device) == "cpu"


def test_padding_changes_no_row_and_is_zero(minilm_path: Path) -> None:
    tokenizer, model = AutoTokenizer.from_pretrained(minilm_path), AutoModel.from_pretrained(minilm_path)
    texts = ["of middling length, this one", "short", "the longest of all of these texts by quite a few tokens", "a b"]
    batch = tokenizer(texts, padding=True, return_tensors="np")
    outputs = model(**batch)
    pooled = outputs.pooler_output
    assert pooled is not None
    for row, text in enumerate(texts):
        alone = model(**tokenizer(text, return_tensors="np"))
        length = alone.last_hidden_state.shape[1]
        # The batch is one matrix; the kernel of a row, and so the order of its sums, can differ.
        np.testing.assert_allclose(outputs.last_hidden_state[row, :length], alone.last_hidden_state[0], atol=5e-6)
        np.testing.assert_allclose(pooled[row], alone.pooler_output[0], atol=5e-6)
        assert batch["attention_mask"][row].sum() == length
        assert not outputs.last_hidden_state[row, length:].any()
    assert outputs.last_hidden_state.shape == (4, max(batch["attention_mask"].sum(1)), 384)


def test_masked_tokens_have_no_influence(model: PreTrainedModel) -> None:
    mask = np.array([[1, 0, 1, 1], [0, 0, 0, 0], [1, 1, 1, 0]])
    seen = np.where(mask, [[1, 2, 3, 4]], 5)
    first, second = (model(np.where(mask, seen, hidden), attention_mask=mask) for hidden in (6, 7))
    np.testing.assert_array_equal(first.last_hidden_state, second.last_hidden_state)
    assert (first.last_hidden_state.any(axis=2) == mask).all()
    assert first.pooler_output is not None and np.isfinite(first.pooler_output).all()


# Bad input


def refused(error: type[TrustformersError], *parts: str, **kwargs: Any) -> pytest.ExceptionInfo[TrustformersError]:
    """Asserts the class and that the message has every part."""
    path = kwargs.pop("path")
    with pytest.raises(error) as caught:
        AutoModel.from_pretrained(path, **kwargs)
    for part in parts:
        assert part in str(caught.value)
    return caught


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    caught = refused(HubError, str(tmp_path / "absent"), path=tmp_path / "absent")
    assert isinstance(caught.value, OSError)


def test_a_directory_without_a_config_is_named(tmp_path: Path) -> None:
    refused(ConfigError, "config.json", "no such file", path=tmp_path)
    with pytest.raises(ConfigError, match=r"config\.json"):
        AutoConfig.from_pretrained(tmp_path)


@pytest.mark.parametrize("text", ["{", "[1]", "", '{"model_type": "bert", "hidden_size": 40', "[" * 100_000])
def test_invalid_json_is_named(bert_copy: Path, text: str) -> None:
    (bert_copy / "config.json").write_text(text)
    refused(ConfigError, "config.json", path=bert_copy)
    with pytest.raises(ConfigError, match=r"config\.json"):
        AutoConfig.from_pretrained(bert_copy)


def edit_config(path: Path, **keys: Any) -> None:
    file = path / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **keys}))


def test_an_unknown_model_type_lists_the_known_ones(bert_copy: Path) -> None:
    edit_config(bert_copy, model_type="perceptron")
    refused(ConfigError, "perceptron", "bert", path=bert_copy)
    with pytest.raises(ConfigError, match="perceptron.*bert"):
        AutoConfig.from_pretrained(bert_copy)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hidden_size", "wide"),
        ("hidden_size", -40),
        ("num_attention_heads", 7),
        ("num_attention_heads", 0),
        ("num_hidden_layers", 10**12),
        ("hidden_act", "swoosh"),
        ("is_decoder", True),
    ],
)
def test_invalid_config_values_are_named(bert_copy: Path, key: str, value: Any) -> None:
    edit_config(bert_copy, **{key: value})
    refused(ConfigError, "config.json", key, path=bert_copy)


def test_a_truncated_checkpoint_is_named(bert_copy: Path) -> None:
    file = bert_copy / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    refused(WeightsError, "model.safetensors", path=bert_copy)


def test_missing_extra_and_mismatched_tensors_are_named(bert_copy: Path) -> None:
    file = bert_copy / "model.safetensors"
    tensors = load_file(file)
    tensors["encoder.layer.0.extra"] = tensors.pop("encoder.layer.0.output.dense.bias")
    tensors["embeddings.LayerNorm.weight"] = np.zeros(41, np.float32)
    save_file(tensors, file)
    refused(
        WeightsError,
        "missing: encoder.layer.0.output.dense.bias",
        "unexpected: encoder.layer.0.extra",
        "embeddings.LayerNorm.weight is [41], expected [40]",
        path=bert_copy,
    )


def test_unknown_devices_and_dtypes_are_refused(bert_golden: Path) -> None:
    refused(InputError, "device", "tpu", path=bert_golden, device="tpu")
    refused(InputError, "dtype", "int3", path=bert_golden, dtype="int3")
    refused(InputError, "device", "int", path=bert_golden, device=3)
    with pytest.raises(InputError, match="tpu"):
        Device("tpu")


def test_a_backend_that_is_not_installed_names_the_pip_command(bert_golden: Path) -> None:
    refused(UnsupportedError, 'pip install "trustformers[cuda]"', path=bert_golden, device="cuda")
    with pytest.raises(UnsupportedError, match=r"pip install \"trustformers\[rocm\]\""):
        Device.rocm(1)


@pytest.mark.parametrize(
    ("kwargs", "parts"),
    [
        ({"input_ids": [[1, 131]]}, ["input_ids", "131", "vocab_size"]),
        ({"input_ids": [[1, -1]]}, ["input_ids", "-1"]),
        ({"input_ids": [[1] * 24]}, ["24 tokens", "max_position_embeddings = 23"]),
        ({"input_ids": np.zeros((0, 3), np.int64)}, ["input_ids", "empty"]),
        ({"input_ids": []}, ["input_ids", "empty"]),
        ({"input_ids": [[]]}, ["input_ids", "empty"]),
        ({"input_ids": [[1.0, 2.0]]}, ["input_ids", "float64"]),
        ({"input_ids": [["a"]]}, ["input_ids", "integers"]),
        ({"input_ids": np.array([1, 2])}, ["input_ids", "(batch, seq)", "(2,)", "input_ids[None]", "list"]),
        ({"input_ids": [[[1, 2]]]}, ["input_ids", "(batch, seq)", "(1, 1, 2)"]),
        ({"input_ids": {"input_ids": [1, 2]}}, ["input_ids", "dict", "**inputs"]),
        ({"input_ids": [1, 2], "attention_mask": [1]}, ["attention_mask", "(1, 1)", "(1, 2)"]),
        ({"input_ids": [[1, 2], [3]]}, ["input_ids", "padding=True"]),
        ({"input_ids": np.array([[2**63]], np.uint64)}, ["input_ids", str(2**63)]),
        ({"input_ids": IDS, "attention_mask": [[1, 1, 1]]}, ["attention_mask", "(1, 3)", "(2, 3)"]),
        ({"input_ids": IDS, "attention_mask": [[0.5] * 3] * 2}, ["attention_mask", "float64"]),
        ({"input_ids": IDS, "token_type_ids": [[0, 1, 3]] * 2}, ["token_type_ids", "type_vocab_size"]),
        ({"input_ids": IDS, "position_ids": [[0, 1, 23]] * 2}, ["position_ids", "23"]),
        ({}, ["input_ids"]),
    ],
)
def test_invalid_inputs_are_refused(model: PreTrainedModel, kwargs: dict[str, Any], parts: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        model(**kwargs)
    for part in parts:
        assert part in str(caught.value)
    assert model(IDS).last_hidden_state.shape == (2, 3, 40)


def test_unsupported_arguments_are_named(model: PreTrainedModel) -> None:
    with pytest.raises(UnsupportedError, match="encoder_hidden_states"):
        model(IDS, encoder_hidden_states=True)
    assert model(IDS, encoder_hidden_states=None).last_hidden_state.shape == (2, 3, 40)


def test_large_weights_are_saved_in_shards(bert_golden: Path, tmp_path: Path) -> None:
    model = AutoModel.from_pretrained(bert_golden)
    model.save_pretrained(tmp_path, max_shard_size="50KB")
    index = json.loads((tmp_path / "model.safetensors.index.json").read_text())
    shards = sorted(set(index["weight_map"].values()))
    assert len(shards) > 1 and index["metadata"]["total_parameters"] == model.num_parameters()
    assert shards == [f"model-{at:05d}-of-{len(shards):05d}.safetensors" for at in range(1, len(shards) + 1)]
    assert shards == sorted(file.name for file in tmp_path.glob("*.safetensors"))
    assert set(index["weight_map"]) == set(model.state_dict())
    again = AutoModel.from_pretrained(tmp_path)
    np.testing.assert_array_equal(again(IDS).last_hidden_state, model(IDS).last_hidden_state)
    again.save_pretrained(tmp_path)
    assert [file.name for file in tmp_path.glob("model*")] == ["model.safetensors"]


def test_options_of_save_pretrained_are_honoured_or_refused(
    bert_golden: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = AutoModel.from_pretrained(bert_golden)
    model.save_pretrained(tmp_path / "none", is_main_process=False)
    assert not (tmp_path / "none").exists()
    model.save_pretrained(tmp_path / "model", safe_serialization=True, push_to_hub=False, max_shard_size="5GB")
    assert (tmp_path / "model" / "model.safetensors").is_file() and not caplog.records
    refused: list[dict[str, Any]] = [
        {"safe_serialization": False},
        {"push_to_hub": True},
        {"variant": "fp16"},
        {"state_dict": {"a": 1}},
    ]
    for options in refused:
        with pytest.raises(UnsupportedError, match=next(iter(options))):
            model.save_pretrained(tmp_path / "other", **options)
    with pytest.raises(InputError, match="max_shard_size"):
        model.save_pretrained(tmp_path / "other", max_shard_size="large")
    with pytest.raises(TypeError, match="sage"):
        model.save_pretrained(tmp_path / "other", sage=True)
    assert not (tmp_path / "other").exists()
