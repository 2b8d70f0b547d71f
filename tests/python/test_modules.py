"""Modules inside models: names, parameters and sizes, and what is refused."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import InputError, UnsupportedError
from trustformers.models import LayerNorm, Linear, Module, ModuleList, RMSNorm
from trustformers.pytorch_utils import ALL_LAYERNORM_LAYERS
from trustformers.trainer_pt_utils import get_parameter_names

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = [[5, 7, 9], [1, 2, 3]]


@pytest.fixture
def bert() -> Any:
    return tf.AutoModelForSequenceClassification.from_pretrained(GOLDENS / "encoders/bert", dtype="float32")


@pytest.fixture
def llama() -> Any:
    return tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")


def test_modules_are_attributes(bert: Any, llama: Any) -> None:
    state = bert.state_dict()
    query: Any = bert.bert.encoder.layer[0].attention.self.query
    assert type(query).__name__ == "Linear" and Linear in type(query).__mro__
    np.testing.assert_array_equal(
        query.weight.numpy(), state["bert.encoder.layer.0.attention.self.query.weight"].numpy()
    )
    assert (query.out_features, query.in_features) == query.weight.shape and query.bias.shape == query.weight.shape[:1]
    assert bert.classifier.out_features == bert.config.num_labels
    proj = llama.model.layers[-1].self_attn.q_proj
    assert proj.bias is None and proj.weight.shape == llama.state_dict()["model.layers.2.self_attn.q_proj.weight"].shape
    assert llama.get_submodule("model.layers.2.self_attn.q_proj") is proj
    assert llama.model.layers[2].input_layernorm.normalized_shape == (40,)
    np.testing.assert_array_equal(llama.get_parameter("model.norm.weight").numpy(), llama.model.norm.weight.numpy())
    assert "encoder" in dir(bert.bert) and "query" in dir(bert.bert.encoder.layer[0].attention.self)


def test_lists_of_layers_have_a_length_and_slices(llama: Any) -> None:
    layers = llama.model.layers
    assert isinstance(layers, ModuleList) and len(layers) == 3 and [*layers][1] is layers[1] and layers[2] in layers
    last = layers[1:]
    assert len(last) == 2 and last[0] is layers[1] and last[-1] is layers[2] and type(last).__name__ == "ModuleList"
    assert [name for name, _ in last.named_parameters()][0].startswith("0.")
    expected = [weight for layer in (layers[1], layers[2]) for weight in layer.parameters()]
    for own, other in zip(last.parameters(), expected, strict=True):
        np.testing.assert_array_equal(own.numpy(), other.numpy())
    with pytest.raises(IndexError, match=r"model\.layers: index 3 is out of range of 3 modules"):
        layers[3]


def test_the_tree_lists_each_module_once(bert: Any) -> None:
    named = dict(bert.named_modules())
    assert named[""] is bert and named["bert"] is bert.bert and "bert.encoder.layer.1.output.dense" in named
    assert [*bert.modules()] == [*named.values()] and [*bert.children()] == [bert.bert, bert.classifier]
    assert [name for name, _ in bert.named_children()] == ["bert", "classifier"]
    visited: list[Any] = []
    assert bert.apply(visited.append) is bert and visited[-1] is bert and set(visited) == set(named.values())
    layer = bert.bert.encoder.layer[0]
    names = [name for name, _ in layer.named_parameters(prefix="layer")]
    assert names[0].startswith("layer.attention.") and len(names) == len([*layer.parameters()]) == 16
    assert [*bert.classifier.state_dict(prefix="classifier.")] == ["classifier.weight", "classifier.bias"]
    assert [*layer.parameters(recurse=False)] == [] == [*bert.buffers()] == [*bert.named_buffers()]
    with pytest.raises(AttributeError, match="no such buffer"):
        bert.get_buffer("bert.embeddings.position_ids")


def test_tied_weights_have_both_names(llama: Any) -> None:
    assert llama.config.tie_word_embeddings and "lm_head.weight" not in llama.state_dict()
    np.testing.assert_array_equal(llama.lm_head.weight.numpy(), llama.model.embed_tokens.weight.numpy())
    assert llama.get_output_embeddings() is llama.lm_head
    assert llama.get_input_embeddings() is llama.model.embed_tokens
    both = dict(llama.named_parameters(remove_duplicate=False))
    assert both.keys() - llama.state_dict().keys() == {"lm_head.weight"}
    roberta = tf.AutoModelForMaskedLM.from_pretrained(GOLDENS / "encoders/roberta", dtype="float32")
    np.testing.assert_array_equal(roberta.lm_head.decoder.bias.numpy(), roberta.state_dict()["lm_head.bias"].numpy())


def test_every_output_layer_is_the_lm_head() -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/gpt_neox")
    assert model.lm_head is model.embed_out is model.get_output_embeddings()
    assert not hasattr(model.gpt_neox, "lm_head")


def test_modules_are_copied_with_their_model(bert: Any) -> None:
    layer = bert.bert.encoder.layer[1]
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), copy.copy(layer)):
        np.testing.assert_array_equal(other.output.dense.weight.numpy(), layer.output.dense.weight.numpy())
    assert len(copy.deepcopy(bert.bert.encoder.layer)[1:]) == 2


@pytest.mark.parametrize("path", ["decoders/gpt2", "encoders/bert", "decoders/bloom"])
def test_classes_follow_from_the_parameters(path: str) -> None:
    model = tf.AutoModel.from_pretrained(GOLDENS / path)
    kinds = {type(module).__name__ for module in model.modules()}
    expected = {"gpt2": "Conv1D", "bert": "Linear", "bloom": "Linear"}[model.config.model_type]
    assert kinds == {type(model).__name__, "Module", "ModuleList", "Embedding", "LayerNorm", expected}


def test_norms_by_the_root_mean_square_are_no_layer_norms(bert: Any, llama: Any) -> None:
    assert isinstance(bert.bert.embeddings.LayerNorm, LayerNorm)
    assert isinstance(llama.model.norm, RMSNorm) and not isinstance(llama.model.norm, LayerNorm)
    names = get_parameter_names(bert, ALL_LAYERNORM_LAYERS)
    assert "bert.embeddings.word_embeddings.weight" in names
    assert not any("LayerNorm" in name for name in names)
    assert "model.norm.weight" in get_parameter_names(llama, ALL_LAYERNORM_LAYERS)


def test_a_model_is_shown_as_its_tree(llama: Any) -> None:
    text = repr(llama)
    assert text.startswith("LlamaForCausalLM(\n  '") and "dtype='float32'\n  (model): LlamaModel(\n" in text
    assert "      (0-2): 3 x Module(\n        (self_attn): Module(\n" in text
    assert text.endswith("  (lm_head): Linear(in_features=40, out_features=83, bias=False)\n)")
    assert repr(llama.model.norm) == "RMSNorm((40,))" and repr(llama.model.embed_tokens) == "Embedding(83, 40)"


def test_unknown_names_are_named(bert: Any) -> None:
    with pytest.raises(AttributeError, match="BertForSequenceClassification has no attribute 'roberta'"):
        _ = bert.roberta
    with pytest.raises(AttributeError, match=r"Module bert\.encoder has no attribute 'block'; it has layer"):
        _ = bert.bert.encoder.block
    with pytest.raises(AttributeError, match=r"bert\.encoder\.layer\.9|has no attribute '9'"):
        bert.get_submodule("bert.encoder.layer.9.output")
    with pytest.raises(AttributeError, match="weight is no module"):
        bert.get_submodule("classifier.weight")
    with pytest.raises(AttributeError, match="has no parameter 'encoder'"):
        bert.get_parameter("bert.encoder")
    assert not hasattr(bert, "hf_device_map") and getattr(bert, "peft_config", None) is None


def test_calling_and_replacing_a_module_is_refused_by_name(bert: Any) -> None:
    layers = bert.bert.encoder.layer
    with pytest.raises(UnsupportedError, match=r"calling bert\.encoder\.layer\.0, .*output_hidden_states=True"):
        layers[0](np.zeros((1, 2, 40)))
    with pytest.raises(UnsupportedError, match=r"replacing bert\.encoder\.layer\[0\]"):
        layers[0] = layers[1]
    with pytest.raises(UnsupportedError, match=r"deleting bert\.encoder\.layer\[0\].*num_hidden_layers"):
        del layers[0]
    with pytest.raises(UnsupportedError, match=r"assigning to bert\.encoder\.layer.*load_state_dict"):
        bert.bert.encoder.layer = layers[:1]
    with pytest.raises(UnsupportedError, match="replacing classifier of a BertForSequenceClassification"):
        bert.classifier = None
    with pytest.raises(UnsupportedError, match="deleting bert of a BertForSequenceClassification"):
        del bert.bert
    with pytest.raises(UnsupportedError, match="a model is in one mode"):
        bert.classifier.train()
    assert not layers.training and layers.eval() is layers and layers.requires_grad_(False) is layers
    bert.notes = "own attributes are allowed"
    assert bert.notes and isinstance(bert.classifier, Module)


def test_the_base_model_computes(bert: Any, llama: Any) -> None:
    assert bert.base_model is bert.bert and type(bert.bert) is tf.BertModel and bert.bert.base_model is bert.bert
    assert bert.base_model_prefix == bert.bert.base_model_prefix == "bert" and bert.bert.config is bert.config
    base = tf.AutoModel.from_pretrained(GOLDENS / "encoders/bert", dtype="float32")
    found, expected = bert.bert(IDS, output_hidden_states=True), base(IDS, output_hidden_states=True)
    for name in ("last_hidden_state", "pooler_output"):
        np.testing.assert_array_equal(found[name], expected[name])
    assert bert.bert.state_dict().keys() == base.state_dict().keys()
    assert bert.bert.num_parameters() == base.num_parameters() == sum(w.numel() for w in bert.bert.parameters())
    assert base.base_model is base and base.base_model_prefix == "bert"
    decoder = tf.AutoModel.from_pretrained(GOLDENS / "decoders/llama", dtype="float32")
    first = llama.model([[5, 7]], use_cache=True)
    np.testing.assert_allclose(first.last_hidden_state, decoder([[5, 7]]).last_hidden_state, atol=1e-6)
    assert "hidden_states" not in first
    second = llama.model([[9]], past_key_values=first.past_key_values).last_hidden_state
    np.testing.assert_allclose(second[:, 0], decoder([[5, 7, 9]]).last_hidden_state[:, 2], atol=1e-5)
    assert llama.model.get_output_embeddings() is None and llama.get_decoder() is llama.model
    assert bert.get_encoder() is bert.bert.encoder


def test_the_base_model_follows_the_model(bert: Any) -> None:
    inside = bert.bert
    before = inside(IDS).last_hidden_state
    bert.load_state_dict({name: weight * 0.5 for name, weight in bert.state_dict().items()})
    after = inside(IDS)
    assert not np.array_equal(after.last_hidden_state, before)
    copied = copy.deepcopy(inside)
    for other in (copied, pickle.loads(pickle.dumps(inside))):
        np.testing.assert_array_equal(other(IDS).pooler_output, after.pooler_output)
    assert copied.half().dtype == "float16" and bert.dtype == "float32"
    for change in (inside.half, lambda: inside.load_state_dict({}), lambda: inside.resize_token_embeddings(9)):
        with pytest.raises(UnsupportedError, match="of bert, which is inside a BertForSequenceClassification"):
            change()


def test_the_base_model_is_saved(bert: Any, tmp_path: Path) -> None:
    bert.bert.save_pretrained(tmp_path)
    np.testing.assert_array_equal(tf.BertModel.from_pretrained(tmp_path)(IDS)[0], bert.bert(IDS)[0])


def test_gradients_flow_through_the_base_model(bert: Any, llama: Any) -> None:
    for model in (bert, llama):
        vectors = Tensor(np.ones((1, 3, 40), np.float32), requires_grad=True)
        model.base_model(inputs_embeds=vectors).last_hidden_state.square().sum().backward()
        alone = Tensor(np.ones((1, 3, 40), np.float32), requires_grad=True)
        base: Any = tf.AutoModel.from_pretrained(model.name_or_path, dtype="float32")
        base(inputs_embeds=alone).last_hidden_state.square().sum().backward()
        np.testing.assert_allclose(vectors.grad.numpy(), alone.grad.numpy(), atol=1e-5)  # type: ignore[union-attr]


def test_quantized_models_have_modules() -> None:
    for model in (
        tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/llama", load_in_8bit=True),
        tf.AutoModelForCausalLM.from_pretrained(
            next(file.parent for file in sorted((GOLDENS / "quantized").rglob("config.json")) if "gptq" in str(file))
        ),
    ):
        proj = model.base_model.layers[0].self_attn.q_proj
        assert type(proj).__name__ == "Linear" and proj.weight.shape == (proj.out_features, proj.in_features)
        assert model.lm_head.weight.shape[0] == model.config.vocab_size
        assert model.base_model(IDS).last_hidden_state.shape[:2] == (2, 3)


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (next(file.parent for file in sorted((GOLDENS / "quantized").rglob("config.json")) if "gptq" in str(file)), {}),
        (GOLDENS / "gguf", {"gguf_file": "llama_k.gguf"}),
        (GOLDENS / "decoders/llama", {"load_in_8bit": True}),
    ],
    ids=["gptq", "gguf", "int8"],
)
def test_asking_for_an_attribute_reads_no_weights(path: Path, options: dict[str, Any]) -> None:
    model: Any = tf.AutoModelForCausalLM.from_pretrained(path, **options)
    engine, read = model._native, []

    class Recorded:
        def __getattr__(self, name: str) -> Any:
            return getattr(engine, name)

        def weights(self, name: str | None = None) -> Any:
            read.append(name)
            return engine.weights(name)

    model._native = Recorded()
    assert not hasattr(model, "hf_device_map") and hasattr(model, "lm_head") and model.base_model_prefix == "model"
    model.notes = "an attribute of one's own"
    assert not read
    assert model.lm_head.weight.shape[0] == model.config.vocab_size and read


def test_token_embeddings_are_looked_up(bert: Any, llama: Any) -> None:
    for model in (bert, llama):
        embed = model.get_input_embeddings()
        found = embed(IDS)
        assert isinstance(found, np.ndarray) and found.shape == (2, 3, 40) and found.dtype == np.float32
        np.testing.assert_array_equal(found, embed.weight.numpy()[np.array(IDS)])
        np.testing.assert_allclose(model(inputs_embeds=found).logits, model(IDS).logits, atol=1e-5)
        assert isinstance(embed(Tensor(IDS)), Tensor) and embed(np.array(7)).shape == (40,)
        assert embed(Tensor(IDS)).requires_grad
        with pytest.raises(InputError, match="the token id 999 is not in the vocabulary"):
            embed([[1, 999]])
        with pytest.raises(InputError, match="expected token ids, found float64"):
            embed([[0.5]])
    with pytest.raises(UnsupportedError, match=r"calling bert\.embeddings\.position_embeddings"):
        bert.bert.embeddings.position_embeddings([[0]])
    gemma = tf.AutoModelForCausalLM.from_pretrained(GOLDENS / "decoders/gemma")
    with pytest.raises(UnsupportedError, match=r"calling model\.embed_tokens, whose embeddings the model scales"):
        gemma.get_input_embeddings()(IDS)


def test_a_model_is_freed_with_its_modules(llama: Any) -> None:
    model = copy.deepcopy(llama)
    assert model.model.layers[0].self_attn.q_proj.weight is not None and model.model(IDS) is not None
    gone = weakref.ref(model)
    gc.disable()
    try:
        del model
        assert gone() is None
    finally:
        gc.enable()
