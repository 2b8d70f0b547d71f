"""Weights of models as tensors: names, values and sizes of checkpoints, and replacing them."""

import gc
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import trustformers as tf
from trustformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    BertConfig,
    BertForMaskedLM,
    BertModel,
    Tensor,
    set_seed,
)
from trustformers.errors import InputError, UnsupportedError, WeightsError
from trustformers.safetensors import load_file, save_file

GOLDENS = Path(__file__).parent.parent / "goldens"
AUTO: dict[str, Any] = {
    "base": AutoModel,
    "causal_lm": AutoModelForCausalLM,
    "masked_lm": AutoModelForMaskedLM,
    "sequence_classification": AutoModelForSequenceClassification,
    "token_classification": AutoModelForTokenClassification,
}
# Tied and untied heads, transposed, fused, interleaved, stacked and grouped weights, shared layers.
FAMILIES = [
    "decoders/llama",
    "decoders/gpt2",
    "decoders/phi3",
    "decoders/gpt_neox",
    "decoders/bloom",
    "decoders/mixtral",
    "decoders/gpt_oss",
    "decoders/opt",
    "encoders/bert",
    "encoders/albert",
    "encoders/squeezebert",
    "encoders/mobilebert",
    "encoders/modernbert",
    "encoders/deberta-v2",
]
IDS = [[5, 6, 7, 8, 9, 3]]


def outputs(model: Any) -> np.ndarray:
    result = model(IDS)
    return np.asarray(getattr(result, "logits", None) if "logits" in result else result.last_hidden_state)


def saved(model: Any, directory: Path) -> dict[str, Tensor]:
    model.save_pretrained(directory)
    return load_file(directory / "model.safetensors")


def tiny(**keys: Any) -> BertConfig:
    sizes = {"vocab_size": 60, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    return BertConfig(**sizes | {"intermediate_size": 24, "max_position_embeddings": 20} | keys)


@pytest.fixture
def bert(bert_golden: Path) -> Any:
    """The tiny BERT of the goldens on the cpu."""
    return AutoModel.from_pretrained(bert_golden, device="cpu", dtype="float32")


def test_the_state_dict_of_a_real_model_is_its_checkpoint(minilm_path: Path) -> None:
    model = AutoModel.from_pretrained(minilm_path, device="cpu")
    state = model.state_dict()
    reference = safetensors.numpy.load_file(minilm_path / "model.safetensors")
    assert reference.keys() - state.keys() == {"embeddings.position_ids"} and not state.keys() - reference.keys()
    for name, tensor in state.items():
        assert isinstance(tensor, Tensor) and tensor.dtype == "float32" and str(tensor.device) == "cpu"
        np.testing.assert_array_equal(tensor.numpy(), reference[name])
    # The counts of transformers 5.23.
    assert model.num_parameters() == model.num_parameters(only_trainable=True) == 22_713_216
    assert model.num_parameters(exclude_embeddings=True) == 10_795_392
    assert sum(tensor.numel() for tensor in model.parameters()) == model.num_parameters()
    assert [name for name, _ in model.named_parameters()] == list(state)


def heads(family: str) -> list[str]:
    manifest = json.loads((GOLDENS / family / "manifest.json").read_text())
    return [head for head in AUTO if head in manifest["classes"]]


@pytest.mark.parametrize(("family", "head"), [(family, head) for family in FAMILIES for head in heads(family)])
def test_the_state_dict_has_what_save_pretrained_writes(family: str, head: str, tmp_path: Path) -> None:
    model = AUTO[head].from_pretrained(GOLDENS / family, device="cpu", dtype="float32")
    state, written = model.state_dict(), saved(model, tmp_path)
    assert state.keys() == written.keys()
    for name, tensor in written.items():
        np.testing.assert_array_equal(state[name].numpy(), tensor.numpy(), name)
    stored = load_file(GOLDENS / family / "model.safetensors")
    for name in stored.keys() & state.keys():
        np.testing.assert_array_equal(state[name].numpy(), stored[name].float().numpy(), name)
    # A model of other weights computes the same with this state.
    set_seed(1)
    other = type(model)(AutoConfig.from_pretrained(tmp_path), device="cpu")
    assert not np.array_equal(outputs(other), outputs(model))
    assert other.load_state_dict(state) == ([], [])
    np.testing.assert_array_equal(outputs(other), outputs(model))
    assert other.num_parameters() == sum(tensor.numel() for tensor in written.values())


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_weights_have_the_models_dtype(dtype: str, bert_golden: Path, tmp_path: Path) -> None:
    model = AutoModel.from_pretrained(bert_golden, device="cpu", dtype=dtype)
    written = saved(model, tmp_path)
    for name, tensor in model.state_dict().items():
        assert tensor.dtype == dtype
        np.testing.assert_array_equal(tensor.float().numpy(), written[name].float().numpy())


def test_weights_share_the_models_memory_and_outlive_it(bert: Any) -> None:
    first, second = (bert.state_dict()["embeddings.word_embeddings.weight"] for _ in range(2))
    assert np.shares_memory(first.numpy(), second.numpy()) and not first.numpy().flags.writeable
    expected = np.array(first)
    outputs(bert)
    del bert, first
    gc.collect()
    np.testing.assert_array_equal(second.numpy(), expected)


def test_tied_weights_are_listed_and_counted_once() -> None:
    tied, untied = (BertForMaskedLM(tiny(tie_word_embeddings=is_tied)) for is_tied in (True, False))
    table = tied.state_dict()["bert.embeddings.word_embeddings.weight"]
    assert "cls.predictions.decoder.weight" in untied.state_dict()
    assert "cls.predictions.decoder.weight" not in tied.state_dict()
    assert untied.num_parameters() - tied.num_parameters() == table.numel()
    embedding_sizes = 16 * (60 + 20 + 2)
    assert tied.num_parameters() - tied.num_parameters(exclude_embeddings=True) == embedding_sizes


def test_embeddings_have_their_weight(bert: Any) -> None:
    table = bert.get_input_embeddings()
    state = bert.state_dict()
    np.testing.assert_array_equal(table.weight.numpy(), state["embeddings.word_embeddings.weight"].numpy())
    assert (table.num_embeddings, table.embedding_dim) == table.weight.shape
    assert bert.get_output_embeddings() is None
    for is_tied in (True, False):
        model = BertForMaskedLM(tiny(tie_word_embeddings=is_tied))
        inputs, head = model.get_input_embeddings(), model.get_output_embeddings()
        assert head is not None and head.weight.shape == (60, 16)
        assert np.array_equal(inputs.weight.numpy(), head.weight.numpy()) == is_tied


def test_loading_replaces_the_weights_with_copies(bert: Any) -> None:
    state = {name: np.array(tensor) for name, tensor in bert.state_dict().items()}
    other = BertModel(bert.config, device="cpu")
    table = other.get_input_embeddings()
    before = {name: tensor.clone() for name, tensor in other.state_dict().items()}
    assert other.load_state_dict(state) == ([], [])
    expected = outputs(bert)
    np.testing.assert_array_equal(outputs(other), expected)
    name = "embeddings.word_embeddings.weight"
    np.testing.assert_array_equal(table.weight.numpy(), state[name])
    assert not np.array_equal(before[name].numpy(), state[name])
    for array in state.values():
        array[...] = 0
    np.testing.assert_array_equal(outputs(other), expected)


def test_weights_of_other_dtypes_are_converted(bert: Any) -> None:
    state = bert.state_dict()
    expected = outputs(bert)
    bert.load_state_dict({name: tensor.double() for name, tensor in state.items()})
    np.testing.assert_array_equal(outputs(bert), expected)
    assert bert.dtype == "float32"
    bert.load_state_dict({name: tensor.bfloat16() for name, tensor in state.items()})
    assert 0 < np.abs(outputs(bert) - expected).max() < 0.1


def test_missing_and_unexpected_keys_raise_or_are_returned(bert: Any) -> None:
    expected = outputs(bert)
    state = bert.state_dict()
    gone = state.pop("embeddings.LayerNorm.bias")
    state["encoder.surprise"] = gone
    with pytest.raises(WeightsError) as caught:
        bert.load_state_dict(state)
    assert "missing keys: embeddings.LayerNorm.bias; unexpected keys: encoder.surprise" in str(caught.value)
    np.testing.assert_array_equal(outputs(bert), expected)
    doubled = {name: tensor * 2 for name, tensor in state.items()}
    result = bert.load_state_dict(doubled, strict=False)
    assert result.missing_keys == ["embeddings.LayerNorm.bias"]
    assert result.unexpected_keys == ["encoder.surprise"]
    after = {name: tensor.clone() for name, tensor in bert.state_dict().items()}
    np.testing.assert_array_equal(after["embeddings.LayerNorm.bias"].numpy(), gone.numpy())
    name = "embeddings.LayerNorm.weight"
    np.testing.assert_array_equal(after[name].numpy(), doubled[name].numpy())
    everything = bert.load_state_dict({}, strict=False)
    assert set(everything.missing_keys) == after.keys()
    for name, tensor in bert.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), after[name].numpy())


def test_names_of_other_checkpoints_of_the_family_are_accepted(bert: Any) -> None:
    expected = outputs(bert)
    state = {f"bert.{name}": tensor for name, tensor in bert.state_dict().items()}
    state = {name.replace("LayerNorm.weight", "LayerNorm.gamma"): tensor for name, tensor in state.items()}
    state["embeddings.position_ids"] = Tensor([[0]])
    other = BertModel(bert.config, device="cpu")
    assert other.load_state_dict(state) == ([], [])
    np.testing.assert_array_equal(outputs(other), expected)


def test_tied_weights_in_a_state_dict_are_accepted() -> None:
    model = BertForMaskedLM(tiny())
    state = model.state_dict()
    state["cls.predictions.decoder.weight"] = state["bert.embeddings.word_embeddings.weight"]
    state["cls.predictions.decoder.bias"] = state["cls.predictions.bias"]
    assert model.load_state_dict(state) == ([], [])


def test_wrong_shapes_and_types_raise_with_the_key(bert: Any) -> None:
    state = bert.state_dict()
    name = "encoder.layer.0.attention.self.query.bias"
    for strict in (True, False):
        with pytest.raises(WeightsError, match=rf"{name} is \[3\], expected \["):
            bert.load_state_dict(state | {name: np.zeros(3, np.float32)}, strict=strict)
    with pytest.raises(InputError, match=f'"{name}" is a list'):
        bert.load_state_dict(state | {name: [1.0]})
    with pytest.raises(InputError, match="a key is a int"):
        bert.load_state_dict({3: np.zeros(1)}, strict=False)
    with pytest.raises(InputError, match="state_dict: expected a dict, found list"):
        bert.load_state_dict([])
    with pytest.raises(WeightsError, match=name):
        bert.load_state_dict(state | {name: np.zeros((), np.float32)})


def test_quantized_weights_are_given_in_the_checkpoints_layout(minilm_path: Path) -> None:
    model = AutoModel.from_pretrained(minilm_path, device="cpu", load_in_8bit=True)
    plain = AutoModel.from_pretrained(minilm_path, device="cpu")
    state, reference = model.state_dict(), plain.state_dict()
    assert state.keys() == reference.keys() and model.num_parameters() == plain.num_parameters()
    assert model.num_parameters(only_trainable=True) < 13_000_000
    name = "encoder.layer.3.intermediate.dense.weight"
    steps = np.abs(reference[name].numpy()).max(1, keepdims=True) / 127
    difference = np.abs(state[name].numpy() - reference[name].numpy())
    assert difference.max() > 0 and (difference <= steps * 0.51).all()
    expected = outputs(model)
    model.load_state_dict(reference)
    np.testing.assert_array_equal(outputs(model), expected)
    assert model.is_loaded_in_8bit


@pytest.mark.parametrize("options", [{"load_in_8bit": True}, {"load_in_4bit": True}])
def test_weights_that_are_not_given_are_not_quantized_again(options: dict[str, Any]) -> None:
    model: Any = tf.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders/bert", **options)
    name = "bert.encoder.layer.0.attention.self.query.weight"
    before = {key: weight.numpy().copy() for key, weight in model.state_dict().items()}
    model.load_state_dict({name: Tensor(before[name] * 3)}, strict=False)
    for key, weight in model.state_dict().items():
        if key != name:
            np.testing.assert_array_equal(weight.numpy(), before[key], err_msg=key)
    np.testing.assert_allclose(model.state_dict()[name].numpy(), before[name] * 3, rtol=0.2, atol=0.05)
    assert model.is_quantized


def test_quantized_checkpoints_are_read_and_not_replaced() -> None:
    path = next(file.parent for file in sorted((GOLDENS / "quantized").rglob("config.json")) if "gptq" in str(file))
    model = AutoModelForCausalLM.from_pretrained(path, device="cpu", dtype="float32")
    state = model.state_dict()
    assert all(tensor.dtype == "float32" and tensor.isfinite().all() for tensor in state.values())
    assert any("q_proj.weight" in name for name in state)
    with pytest.raises(UnsupportedError, match="gptq"):
        model.load_state_dict(state)


def test_generation_uses_the_new_weights() -> None:
    path = GOLDENS / "decoders" / "llama"
    model = AutoModelForCausalLM.from_pretrained(path, device="cpu", dtype="float32")
    state = model.state_dict()
    set_seed(3)
    other = type(model)(model.config, device="cpu")
    streams = [list(other.stream(np.array([5, 6, 7]), max_new_tokens=8, do_sample=False))]
    other.load_state_dict(state)
    streams.append(list(other.stream(np.array([5, 6, 7]), max_new_tokens=8, do_sample=False)))
    expected = model.generate([[5, 6, 7]], max_new_tokens=8, do_sample=False)[0, 3:].tolist()
    assert streams[1] == expected != streams[0]
    np.testing.assert_array_equal(other.generate([[5, 6, 7]], max_new_tokens=8, do_sample=False)[0, 3:], expected)


def test_edited_weights_survive_saving_and_loading(bert: Any, tmp_path: Path) -> None:
    state = bert.state_dict()
    state = {name: tensor * 1.5 for name, tensor in state.items()}
    bert.load_state_dict(state)
    expected = outputs(bert)
    bert.save_pretrained(tmp_path)
    np.testing.assert_array_equal(outputs(AutoModel.from_pretrained(tmp_path, device="cpu")), expected)
    save_file(state, tmp_path / "model.safetensors", {"format": "pt"})
    np.testing.assert_array_equal(outputs(AutoModel.from_pretrained(tmp_path, device="cpu")), expected)
    shutil.rmtree(tmp_path)
    np.testing.assert_array_equal(outputs(bert), expected)


@pytest.mark.parametrize("ties", [True, False])
def test_a_stored_output_layer_is_read_where_it_is_not_the_table(ties: bool, tmp_path: Path) -> None:
    stored = load_file(GOLDENS / "encoders" / "bert" / "model.safetensors")
    table = stored["bert.embeddings.word_embeddings.weight"]
    output = np.ascontiguousarray(table.float().numpy()[::-1])
    tensors = {**stored, "cls.predictions.decoder.weight": output}
    save_file(tensors, tmp_path / "model.safetensors", {"format": "pt"})
    shutil.copy(GOLDENS / "encoders" / "bert" / "config.json", tmp_path)
    model: Any = AutoModelForMaskedLM.from_pretrained(tmp_path, dtype="float32", tie_word_embeddings=ties)
    np.testing.assert_array_equal(model.get_output_embeddings().weight.numpy(), output)
    tied: Any = AutoModelForMaskedLM.from_pretrained(GOLDENS / "encoders" / "bert", dtype="float32")
    assert np.abs(model([[5, 6]]).logits - tied([[5, 6]]).logits).max() > 0.1
