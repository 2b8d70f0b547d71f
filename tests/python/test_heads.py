"""Families and heads through the Python interface, compared with transformers."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers
from safetensors.numpy import load_file, save_file
from trustformers import (
    AutoConfig,
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    PreTrainedConfig,
    set_seed,
)
from trustformers.errors import (
    ConfigError,
    InputError,
    OutOfMemoryError,
    TrustformersError,
    UnsupportedError,
    WeightsError,
)
from trustformers.models.heads import ModelForCausalLM

GOLDENS = Path(__file__).parent.parent / "goldens" / "encoders"
FAMILIES = sorted(file.parent.name for file in GOLDENS.glob("*/manifest.json"))
AUTO: dict[str, Any] = {
    "base": AutoModel,
    "masked_lm": AutoModelForMaskedLM,
    "sequence_classification": AutoModelForSequenceClassification,
    "token_classification": AutoModelForTokenClassification,
    "question_answering": AutoModelForQuestionAnswering,
}
CLASSES: dict[str, dict[str, str]] = {
    family: json.loads((GOLDENS / family / "manifest.json").read_text())["classes"] for family in FAMILIES
}
IDS = [[2, 7, 5, 9]]


def test_a_missing_head_is_a_value_error_too() -> None:
    for error in (UnsupportedError, ValueError):
        with pytest.raises(error, match="not supported: BertForCausalLM"):
            trustformers.AutoModelForCausalLM.from_pretrained(GOLDENS / "bert")


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A directory for a family and one of its overlays."""
    root = tmp_path_factory.mktemp("checkpoints")

    def directory(family: str, overlay: str | None) -> Path:
        source = GOLDENS / family
        if overlay is None:
            return source
        target = root / f"{family}-{overlay}"
        if not target.exists():
            target.mkdir()
            changes = json.loads((source / "manifest.json").read_text())["overlays"][overlay]
            config = json.loads((source / "config.json").read_text()) | changes["config"]
            (target / "config.json").write_text(json.dumps(config))
            tensors = load_file(source / "model.safetensors")
            tensors |= load_file(source / changes["weights"]) if changes["weights"] else {}
            tensors = {name: tensor for name, tensor in tensors.items() if name not in changes.get("without", ())}
            save_file(tensors, target / "model.safetensors")
        return target

    return directory


@pytest.mark.parametrize(("family", "head"), [(family, head) for family in FAMILIES for head in CLASSES[family]])
def test_every_head_of_every_family_equals_the_reference(family: str, head: str, checkpoints: Any) -> None:
    manifest = json.loads((GOLDENS / family / "manifest.json").read_text())
    arrays = load_file(GOLDENS / family / "cases.safetensors")
    names = {"no_mask", "right_padded", "labels", "labels_single", "labels_multi", "labels_regression", "all_outputs"}
    names |= {"tasks"} | {f"{overlay}_right_padded" for overlay in manifest["overlays"]}
    compared = 0
    for case in manifest["cases"]:
        if case["head"] != head or case["name"] not in names:
            continue
        key = f"{head}.{case['name']}"
        if (family, key) == ("deberta-v2", "question_answering.labels"):
            continue  # the reference's loss reads padding, which it makes zero
        kwargs = {} if case.get("problem_type") is None else {"problem_type": case["problem_type"]}
        model = AUTO[head].from_pretrained(checkpoints(family, case.get("overlay")), dtype="float32", **kwargs)
        inputs: dict[str, Any] = {name: arrays[f"{key}.{name}"] for name in case["inputs"]}
        options = {name: True for name in case.get("options", {}) if name.startswith("output_")}
        assert type(model).__name__ == CLASSES[family][head]
        output = model(**inputs, **options)
        seen = inputs.get("attention_mask", np.ones_like(inputs["input_ids"])).astype(bool)
        for name in case["outputs"]:
            field, _, index = name.partition(".")
            found = output[field][int(index)] if index else np.asarray(output[field])
            expected = arrays[f"{key}.{name}"]
            if found.ndim == 2 and found.shape[1] == 1 and expected.ndim == 1:
                expected = expected[:, None]
            assert found.shape == expected.shape, f"{key}.{name}"
            if field == "attentions":
                rows = np.broadcast_to(seen[:, None, :, None], found.shape)
            elif found.shape[:2] == seen.shape:
                rows = np.broadcast_to(seen.reshape(*seen.shape, *[1] * (found.ndim - 2)), found.shape)
            else:
                rows = np.ones(found.shape, bool)
            np.testing.assert_allclose(found[rows], expected[rows], rtol=0, atol=2e-4, err_msg=f"{key}.{name}")
            compared += 1
    assert compared >= 2


def test_a_head_that_a_family_lacks_is_named() -> None:
    assert "question_answering" not in CLASSES["eurobert"]
    with pytest.raises(UnsupportedError, match="EuroBertForQuestionAnswering; there are EuroBertModel"):
        AutoModelForQuestionAnswering.from_pretrained(GOLDENS / "eurobert")


def test_task_type_ids_are_refused_by_other_families() -> None:
    tasks = [[0, 1, 2, 3]]
    model = AutoModel.from_pretrained(GOLDENS / "ernie")
    assert not np.array_equal(model(IDS, task_type_ids=tasks).last_hidden_state, model(IDS).last_hidden_state)
    with pytest.raises(InputError, match=r"task_type_ids: id 4 .* 0..4"):
        model(IDS, task_type_ids=[[0, 0, 0, 4]])
    with pytest.raises(UnsupportedError, match="task_type_ids"):
        AutoModel.from_pretrained(GOLDENS / "bert")(IDS, task_type_ids=tasks)


def test_position_ids_are_refused_by_families_without_them() -> None:
    model = AutoModel.from_pretrained(GOLDENS / "roformer")
    with pytest.raises(UnsupportedError, match="position_ids"):
        model(IDS, position_ids=[[0, 1, 2, 3]])


def test_a_missing_table_of_sinusoids_is_computed(tmp_path: Path) -> None:
    config = AutoConfig.from_pretrained(GOLDENS / "roformer")
    set_seed(3)
    model = AutoModel.from_config(config)
    model.save_pretrained(tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    table = tensors.pop("encoder.embed_positions.weight")
    angles = np.arange(23)[:, None] / 10000 ** (np.arange(0, 8, 2) / 8)
    np.testing.assert_allclose(table, np.concatenate([np.sin(angles), np.cos(angles)], 1), atol=1e-6)
    save_file(tensors, tmp_path / "model.safetensors")
    loaded: Any = AutoModel.from_pretrained(tmp_path, output_loading_info=True)
    assert loaded[1]["missing_keys"] == ["encoder.embed_positions.weight"]
    np.testing.assert_array_equal(loaded[0](IDS).last_hidden_state, model(IDS).last_hidden_state)


def test_classes_of_families_are_found_by_name() -> None:
    assert trustformers.BertForMaskedLM.__name__ == "BertForMaskedLM"
    assert issubclass(trustformers.XLMRobertaForTokenClassification, trustformers.PreTrainedModel)
    assert trustformers.MPNetConfig.model_type == "mpnet"
    with pytest.raises(AttributeError, match="BertForDancing"):
        _ = trustformers.BertForDancing  # type: ignore[attr-defined]  # the name is wrong on purpose
    assert trustformers.Data2VecTextModel.__name__ == "Data2VecTextModel"
    model = AutoModelForMaskedLM.from_pretrained(GOLDENS / "distilbert")
    assert type(model).__name__ == "DistilBertForMaskedLM"
    assert isinstance(model, trustformers.DistilBertForMaskedLM)
    assert type(model.config) is trustformers.DistilBertConfig


def test_a_class_of_another_family_is_refused() -> None:
    with pytest.raises(InputError, match='"roberta".*BertModel'):
        trustformers.BertModel.from_pretrained(GOLDENS / "roberta")
    with pytest.raises(InputError, match="BertConfig"):
        trustformers.BertModel(trustformers.ElectraConfig())
    with pytest.raises(TypeError, match="from_pretrained"):
        AutoModel(trustformers.BertConfig())


@pytest.mark.parametrize("base", [trustformers.PreTrainedModel, ModelForCausalLM])
def test_base_classes_load_no_models(base: type[trustformers.PreTrainedModel]) -> None:
    with pytest.raises(TypeError, match=f"{base.__name__} is a base class; use an Auto class"):
        base.from_pretrained(GOLDENS / "bert")
    with pytest.raises(TypeError, match=f"{base.__name__} is a base class; use an Auto class"):
        base(trustformers.BertConfig())


def test_subclasses_of_users_load_as_themselves() -> None:
    class Mine(trustformers.BertModel):
        pass

    assert type(Mine.from_pretrained(GOLDENS / "bert")) is Mine


SMALL = {"vocab_size": 50, "num_hidden_layers": 2, "intermediate_size": 24}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_configuration_makes_a_random_model_that_can_be_saved(family: str, tmp_path: Path) -> None:
    sizes = {**SMALL, "hidden_size": 16, "num_attention_heads": 2, "max_position_embeddings": 20, "pad_token_id": 1}
    if family == "distilbert":
        sizes["hidden_dim"] = sizes.pop("intermediate_size")
    if family in ("albert", "electra", "mobilebert", "squeezebert"):
        sizes["embedding_size"] = 16 if family == "squeezebert" else 8
    if family == "mobilebert":
        sizes["intra_bottleneck_size"] = 8
    config = AutoConfig.for_model(family, **sizes, num_labels=4)
    assert (config.hidden_size, config.num_labels, len(config.label2id)) == (16, 4, 4)
    for head in CLASSES[family]:
        auto = AUTO[head]
        set_seed(3)
        model = auto.from_config(config)
        set_seed(3)
        twin, other = auto.from_config(config), auto.from_config(config)
        model.save_pretrained(tmp_path / auto.__name__)
        again = type(model).from_pretrained(tmp_path / auto.__name__)
        outputs = [found(IDS).to_tuple()[0] for found in (model, twin, again, other)]
        np.testing.assert_array_equal(outputs[0], outputs[1])
        np.testing.assert_array_equal(outputs[0], outputs[2])
        assert not np.array_equal(outputs[0], outputs[3])
        assert again._native.missing_weights == again._native.unused_weights == []
    with pytest.raises(InputError, match="config"):
        AutoModel.from_config({"model_type": "bert"})  # type: ignore[arg-type]


def test_another_head_warns_and_names_both_kinds_of_weights(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tensors = load_file(GOLDENS / "bert" / "model.safetensors")
    kept = {name: value for name, value in tensors.items() if not name.startswith("classifier")}
    shutil.copy(GOLDENS / "bert" / "config.json", tmp_path)
    save_file(kept, tmp_path / "model.safetensors")
    with caplog.at_level("WARNING", logger="trustformers"):
        loaded: Any = AutoModelForTokenClassification.from_pretrained(tmp_path, output_loading_info=True)
    model, info = loaded
    assert info["missing_keys"] == ["classifier.weight", "classifier.bias"]
    assert "cls.predictions.bias" in info["unexpected_keys"]
    assert "classifier.weight" in caplog.text and "cls.predictions.bias" in caplog.text
    assert model(IDS).logits.shape == (1, 4, 3)


def test_a_head_of_another_size_needs_ignore_mismatched_sizes() -> None:
    with pytest.raises(WeightsError, match=r"classifier.weight is \[3, 40\], expected \[7, 40\]"):
        AutoModelForSequenceClassification.from_pretrained(GOLDENS / "bert", num_labels=7)
    model = AutoModelForSequenceClassification.from_pretrained(
        GOLDENS / "bert", num_labels=7, ignore_mismatched_sizes=True
    )
    assert model(IDS).logits.shape == (1, 7)
    assert model.config.id2label[6] == "LABEL_6"


def test_old_names_and_names_without_the_prefix_load(tmp_path: Path) -> None:
    tensors = load_file(GOLDENS / "bert" / "model.safetensors")
    shutil.copy(GOLDENS / "bert" / "config.json", tmp_path)
    expected = AutoModel.from_pretrained(GOLDENS / "bert")(IDS).last_hidden_state

    def old(name: str) -> str:
        name = name.removeprefix("bert.")
        return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")

    save_file({old(name): value for name, value in tensors.items()}, tmp_path / "model.safetensors")
    np.testing.assert_array_equal(AutoModel.from_pretrained(tmp_path)(IDS).last_hidden_state, expected)


@pytest.mark.parametrize("family", ["bert", "data2vec-text", "ernie", "mobilebert", "rembert", "squeezebert"])
def test_buffers_and_pretraining_heads_are_ignored(family: str, tmp_path: Path) -> None:
    tensors = load_file(GOLDENS / family / "model.safetensors")
    prefix = next(name for name in tensors if "word_embeddings" in name).split(".")[0]
    expected = AutoModelForMaskedLM.from_pretrained(GOLDENS / family)(IDS).logits
    aliases = {"cls.predictions.bias": "cls.predictions.decoder.bias", "lm_head.bias": "lm_head.decoder.bias"}
    tensors |= {aliases[name]: tensors[name] for name in aliases if name in tensors}
    tensors[f"{prefix}.embeddings.position_ids"] = np.arange(23)[None]
    tensors["cls.seq_relationship.weight"] = np.ones((2, 40), np.float32)
    shutil.copy(GOLDENS / family / "config.json", tmp_path)
    old = {".weight": ".gamma", ".bias": ".beta"}
    for end, name in old.items():
        tensors = {key.replace(f"LayerNorm{end}", f"LayerNorm{name}"): value for key, value in tensors.items()}
    save_file(tensors, tmp_path / "model.safetensors")
    loaded: Any = AutoModelForMaskedLM.from_pretrained(tmp_path, output_loading_info=True)
    np.testing.assert_array_equal(loaded[0](IDS).logits, expected)
    assert loaded[1]["missing_keys"] == [] and "cls.seq_relationship.weight" in loaded[1]["unexpected_keys"]


def test_nomic_bert_is_read_under_the_names_of_its_modules_too(tmp_path: Path) -> None:
    modules = {
        "emb_ln": "embeddings.LayerNorm",
        "encoder.layers": "layers",
        "attn.out_proj": "self_attn.o_proj",
        "mlp.fc11": "mlp.up_proj",
        "mlp.fc12": "mlp.gate_proj",
        "mlp.fc2": "mlp.down_proj",
        "norm1": "post_attention_layernorm",
        "norm2": "post_mlp_layernorm",
    }
    tensors = load_file(GOLDENS / "nomic_bert" / "model.safetensors")
    for name in [name for name in tensors if "Wqkv" in name]:
        parts = np.split(tensors.pop(name), 3)
        tensors |= {name.replace("attn.Wqkv", f"self_attn.{part}_proj"): parts[at] for at, part in enumerate("qkv")}
    for stored, name in modules.items():
        tensors = {key.replace(stored, name): value for key, value in tensors.items()}
    shutil.copy(GOLDENS / "nomic_bert" / "config.json", tmp_path)
    save_file(tensors, tmp_path / "model.safetensors")
    model = AutoModelForMaskedLM.from_pretrained(tmp_path)
    expected = AutoModelForMaskedLM.from_pretrained(GOLDENS / "nomic_bert")(IDS).logits
    np.testing.assert_array_equal(model(IDS).logits, expected)
    model.save_pretrained(tmp_path / "saved")
    saved = load_file(tmp_path / "saved" / "model.safetensors")
    assert all(np.array_equal(tensors[name], saved[name]) for name in saved)


def test_the_configuration_says_what_outputs_hold() -> None:
    model = AutoModel.from_pretrained(GOLDENS / "bert", output_hidden_states=True)
    assert model.config.output_hidden_states is True
    output = model(IDS, output_attentions=True)
    assert output.hidden_states is not None and output.attentions is not None
    assert len(output.hidden_states) == 4 and len(output.attentions) == 3
    np.testing.assert_array_equal(output.hidden_states[-1], output.last_hidden_state)
    np.testing.assert_allclose(output.attentions[0].sum(-1), 1, atol=1e-5)
    assert model(IDS, output_hidden_states=False).hidden_states is None
    assert model.forward(IDS, return_dict=False)[0].shape == (1, 4, 40)


def test_a_given_configuration_replaces_that_of_the_file() -> None:
    config = AutoConfig.from_pretrained(GOLDENS / "bert")
    config.id2label = {0: "bad", 1: "fair", 2: "good"}
    model = AutoModelForSequenceClassification.from_pretrained(GOLDENS / "bert", config=config)
    assert model.config.id2label == {0: "bad", 1: "fair", 2: "good"}


@pytest.mark.parametrize(
    ("head", "labels", "part"),
    [
        ("sequence_classification", {"labels": [3]}, "class 3"),
        ("sequence_classification", {"labels": [0, 1]}, "2 classes"),
        ("sequence_classification", {"labels": ["a"]}, "labels"),
        ("token_classification", {"labels": [[0, 1]]}, "2 classes"),
        ("masked_lm", {"labels": [[0, 1, 2, 500]]}, "class 500"),
        ("question_answering", {"start_positions": [1]}, "end_positions"),
        ("question_answering", {"start_positions": [0.5], "end_positions": [1]}, "integers"),
    ],
)
def test_invalid_labels_are_refused(head: str, labels: dict[str, Any], part: str, checkpoints: Any) -> None:
    overlay = "question_answering" if head == "question_answering" else None
    model = AUTO[head].from_pretrained(checkpoints("bert", overlay))
    with pytest.raises(InputError, match=part):
        model(IDS, **labels)
    assert model(IDS).to_tuple()[0].shape[0] == 1


def test_a_base_model_has_no_loss() -> None:
    with pytest.raises(UnsupportedError, match="base model"):
        AutoModel.from_pretrained(GOLDENS / "bert")(IDS, labels=[0])


@pytest.mark.parametrize(
    ("family", "keys", "part"),
    [
        ("deberta-v2", {"conv_groups": 2}, "conv_groups"),
        ("modernbert", {"layer_types": ["full_attention"]}, "layer_types"),
        ("modernbert", {"num_attention_heads": 8}, "num_attention_heads"),
        ("mpnet", {"relative_attention_num_buckets": 8}, "relative_attention_num_buckets"),
        ("albert", {"num_hidden_groups": 9}, "num_hidden_groups"),
        ("roberta", {"pad_token_id": -5}, "pad_token_id"),
        ("bert", {"id2label": "x"}, "id2label"),
        ("bert", {"id2label": {"a": "b"}}, "id2label"),
        ("modernbert", {"intermediate_size": 0}, "intermediate_size"),
        ("albert", {"type_vocab_size": 0}, "type_vocab_size"),
        ("bert", {"hidden_act": "mishmash"}, "hidden_act"),
        ("squeezebert", {"q_groups": 3}, "q_groups"),
        ("squeezebert", {"output_groups": 0}, "output_groups"),
        ("squeezebert", {"embedding_size": 24}, "embedding_size"),
        ("mobilebert", {"intra_bottleneck_size": 21}, "intra_bottleneck_size"),
        ("mobilebert", {"key_query_shared_bottleneck": False}, "intra_bottleneck_size"),
        ("mobilebert", {"normalization_type": "group_norm"}, "normalization_type"),
        ("mobilebert", {"embedding_size": 41}, "embedding_size"),
        ("mobilebert", {"num_feedforward_networks": 0}, "num_feedforward_networks"),
        ("roformer", {"num_attention_heads": 8}, "num_attention_heads"),
        ("ernie", {"task_type_vocab_size": 0}, "task_type_vocab_size"),
        ("eurobert", {"classifier_pooling": "max"}, "classifier_pooling"),
        ("rembert", {"output_embedding_size": 0}, "output_embedding_size"),
    ],
)
def test_invalid_configurations_name_the_key(family: str, keys: dict[str, Any], part: str, tmp_path: Path) -> None:
    directory = tmp_path / "model"
    shutil.copytree(GOLDENS / family, directory)
    config = json.loads((directory / "config.json").read_text()) | keys
    (directory / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match=part):
        AutoModel.from_pretrained(directory)


@pytest.mark.parametrize(
    "keys",
    [{"num_labels": "three"}, {"num_labels": -1}, {"num_labels": 10**9}, {"id2label": {"a": "b"}}, {"hidden_width": 3}],
)
def test_arguments_of_other_types_are_not_configurations(keys: dict[str, Any]) -> None:
    with pytest.raises((TrustformersError, TypeError, ValueError)):
        AutoModelForSequenceClassification.from_pretrained(GOLDENS / "bert", **keys)


@pytest.mark.parametrize("keys", [{"hidden_size": 10**9}, {"vocab_size": 10**12}, {"intermediate_size": 2**40}])
def test_a_model_larger_than_memory_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(OutOfMemoryError, match="random weights"):
        trustformers.BertModel(trustformers.BertConfig(num_attention_heads=1, **keys))


def test_inputs_embeds_replace_input_ids() -> None:
    model = AutoModel.from_pretrained(GOLDENS / "electra")
    assert model(inputs_embeds=np.zeros((2, 3, 24))).last_hidden_state.shape == (2, 3, 40)
    with pytest.raises(InputError, match=r"\(2, 3, 24\)"):
        model(inputs_embeds=np.zeros((2, 3, 25)))
    with pytest.raises(InputError, match="not both"):
        model(IDS, inputs_embeds=np.zeros((1, 4, 24)))
    with pytest.raises(InputError, match="input_ids"):
        model()


COMMON_KEYS = {
    *("_name_or_path", "architectures", "chunk_size_feed_forward", "dtype", "id2label", "is_encoder_decoder"),
    *("label2id", "output_attentions", "output_hidden_states", "problem_type", "return_dict"),
}


def test_attribute_map_maps_common_names_to_family_keys() -> None:
    config = trustformers.DistilBertConfig(hidden_size=24, n_heads=3)
    assert (config.dim, config.hidden_size, config.num_attention_heads) == (24, 24, 3)
    config.num_hidden_layers = 5
    assert config.n_layers == 5 and "num_hidden_layers" not in config.to_dict()
    assert isinstance(config, PreTrainedConfig)
    assert trustformers.BertConfig().to_diff_dict().keys() == trustformers.BertConfig().to_dict().keys() - COMMON_KEYS


@pytest.mark.parametrize("keys", [{}, {"num_labels": 5, "ignore_mismatched_sizes": True}])
def test_a_padding_token_set_after_loading_finds_the_ends_of_sequences(keys: dict[str, Any]) -> None:
    path = GOLDENS.parent / "decoders/gpt2"
    model = AutoModelForSequenceClassification.from_pretrained(path, pad_token_id=None, **keys)
    ids = np.array([[5, 6, 7, 3], [5, 6, 8, 9]])
    with pytest.raises(InputError, match="pad_token_id"):
        model(ids)
    weight, alone = model.score.weight.detach().float().numpy().copy(), model(ids[:1, :3]).logits
    model.config.pad_token_id = 3
    np.testing.assert_allclose(model(ids).logits[:1], alone, atol=1e-6)
    assert np.array_equal(model.score.weight.detach().float().numpy(), weight)


def test_a_problem_type_set_after_loading_selects_the_loss() -> None:
    model: Any = AutoModelForSequenceClassification.from_pretrained(
        GOLDENS / "bert", num_labels=2, ignore_mismatched_sizes=True
    )
    labels = np.array([[1.0, 0.0]], np.float32)
    logits = model(IDS).logits
    model.config.problem_type = "regression"
    np.testing.assert_allclose(model(IDS, labels=labels).loss, ((logits - labels) ** 2).mean(), rtol=1e-5)
    model.config.problem_type = "multi_label_classification"
    expected = np.log1p(np.exp(-np.where(labels == 1, logits, -logits))).mean()
    np.testing.assert_allclose(model(IDS, labels=labels).loss, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("num_labels", "labels", "expected"),
    [
        (1, [[0.5]], "regression"),
        (3, [2], "single_label_classification"),
        (3, [[1.0, 0.0, 1.0]], "multi_label_classification"),
    ],
)
def test_the_first_labels_write_the_problem_type_into_the_configuration(
    num_labels: int, labels: Any, expected: str, tmp_path: Path
) -> None:
    model: Any = AutoModelForSequenceClassification.from_pretrained(
        GOLDENS / "bert", num_labels=num_labels, ignore_mismatched_sizes=True
    )
    assert model(IDS).loss is None and model.config.problem_type is None
    loss, native = model(IDS, labels=np.array(labels)).loss, model._native
    assert model.config.problem_type == expected
    assert model(IDS, labels=np.array(labels)).loss == loss and model._native is native
    model.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["problem_type"] == expected
    again: Any = AutoModelForSequenceClassification.from_pretrained(tmp_path)
    assert again(IDS, labels=np.array(labels)).loss == loss


def test_a_base_model_without_a_pooling_layer_has_no_pooler_output() -> None:
    model = trustformers.BertModel.from_pretrained(GOLDENS / "bert", add_pooling_layer=False)
    created = trustformers.BertModel(model.config, add_pooling_layer=False)
    for one in (model, created, copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert one(IDS).pooler_output is None and len(one(IDS, return_dict=True).to_tuple()) == 1
    assert AutoModel.from_pretrained(GOLDENS / "bert", add_pooling_layer=True)(IDS).pooler_output is not None
    for kind in (AutoModelForMaskedLM, trustformers.BertForTokenClassification):
        with pytest.raises(TypeError, match="add_pooling_layer"):
            kind.from_pretrained(GOLDENS / "bert", add_pooling_layer=False)
    with pytest.raises(TypeError, match="has no pooler"):
        AutoModel.from_pretrained(GOLDENS / "distilbert", add_pooling_layer=True)
