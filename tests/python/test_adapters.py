"""Low-rank adapters of models: training, several adapters, files and errors."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import ConfigError, HubError, InputError, UnsupportedError, WeightsError
from trustformers.peft import (
    AutoPeftModel,
    AutoPeftModelForCausalLM,
    AutoPeftModelForSequenceClassification,
    LoraConfig,
    PeftConfig,
    PeftModel,
    PeftModelForCausalLM,
    get_peft_model,
    get_peft_model_state_dict,
    prepare_model_for_kbit_training,
    set_peft_model_state_dict,
)
from trustformers.safetensors import load_file, save_file
from trustformers.tensor import no_grad
from trustformers.training import AdamW

GOLDENS = Path(__file__).parent.parent / "goldens"
BERT, GPT2, LLAMA = (GOLDENS / name for name in ("encoders/bert", "decoders/gpt2", "decoders/llama"))
IDS = np.array([[5, 6, 7, 8], [9, 10, 11, 0]])
MASK = np.array([[1, 1, 1, 1], [1, 1, 1, 0]])
NO_DROPOUT: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def classifier(**options: Any) -> Any:
    return tf.AutoModelForSequenceClassification.from_pretrained(BERT, **NO_DROPOUT, **options)


def llama(**options: Any) -> Any:
    return tf.AutoModelForCausalLM.from_pretrained(LLAMA, **{"dtype": "float32", **options})


def adapted(**settings: Any) -> Any:
    return get_peft_model(classifier(), LoraConfig(**{"r": 4, "task_type": "SEQ_CLS", **settings}))


def randomized(model: Any, seed: int = 0) -> Any:
    """The model with an adapter that changes its outputs."""
    rng = np.random.default_rng(seed)
    with no_grad():
        for name, parameter in model.named_parameters():
            if ".lora_B." in name or ".lora_embedding_A." in name:
                parameter.copy_(Tensor(rng.normal(size=parameter.shape).astype(np.float32)))
    return model


def logits(model: Any) -> Any:
    return model(IDS, attention_mask=MASK).logits


def losses(model: Any, steps: int = 12, rate: float = 0.02) -> list[float]:
    optimizer = AdamW([parameter for parameter in model.parameters() if parameter.requires_grad], lr=rate)
    found = []
    model.train()
    for _ in range(steps):
        loss = model(IDS, attention_mask=MASK, labels=np.array([0, 1])).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        found.append(loss.item())
    model.eval()
    return found


def test_a_new_adapter_leaves_the_outputs_as_they_are() -> None:
    model = classifier()
    before = logits(model)
    for use_dora in (False, True):
        settings: dict[str, Any] = {"target_modules": ["query", "dense", "word_embeddings"], "use_dora": use_dora}
        wrapped = get_peft_model(model, LoraConfig(**settings))
        np.testing.assert_allclose(logits(wrapped), before, atol=1e-6)
        wrapped.unload()


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        *(({}, settings) for settings in ({}, {"use_dora": True}, {"bias": "all"}, {"bias": "lora_only"})),
        *(({"load_in_8bit": True}, settings) for settings in ({}, {"use_dora": True}, {"bias": "all"})),
        *(({"load_in_4bit": True}, settings) for settings in ({}, {"use_dora": True})),
        *(({"dtype": "bfloat16"}, settings) for settings in ({}, {"bias": "all"})),
    ],
)
def test_training_lowers_the_loss_and_changes_the_adapter_alone(
    options: dict[str, Any], settings: dict[str, Any]
) -> None:
    base = classifier(**options)
    before = {name: weight.clone() for name, weight in base.state_dict().items()}
    model = get_peft_model(base, LoraConfig(r=4, task_type="SEQ_CLS", **settings))
    found = losses(model)
    assert found[-1] < 0.5 * found[0]
    assert abs(model(IDS, attention_mask=MASK, labels=np.array([0, 1])).loss - found[-1]) < 0.25
    for name, weight in base.state_dict().items():
        is_saved = name.startswith("classifier.")
        trains_bias = {"all": True, "lora_only": "query" in name or "value" in name}
        is_trained = trains_bias.get(settings.get("bias", ""), False) and name.endswith(".bias") and not is_saved
        # Softmax does not see the bias of keys.
        if not name.endswith("key.bias"):
            assert np.array_equal(weight.float().numpy(), before[name].float().numpy()) != is_trained, name


def test_dropout_of_an_adapter_is_that_of_training_alone() -> None:
    model = randomized(adapted(lora_dropout=0.5))
    assert np.array_equal(logits(model), logits(model))
    model.train()
    labels = np.array([0, 1])
    first, second = (model(IDS, attention_mask=MASK, labels=labels).loss.item() for _ in range(2))
    assert first != second
    tf.set_seed(1)
    first = model(IDS, attention_mask=MASK, labels=labels).loss.item()
    tf.set_seed(1)
    assert model(IDS, attention_mask=MASK, labels=labels).loss.item() == first


def test_a_loss_in_evaluation_mode_has_gradients_of_the_adapter() -> None:
    model = randomized(adapted()).eval()
    inputs = {"input_ids": Tensor(IDS), "attention_mask": Tensor(MASK), "labels": Tensor([0, 1])}
    model(**inputs).loss.backward()
    found = {name: p.grad.numpy() for name, p in model.named_parameters() if p.requires_grad}
    model.zero_grad()
    model.train()
    model(**inputs).loss.backward()
    assert len(found) == 14
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            np.testing.assert_allclose(parameter.grad.numpy(), found[name], atol=1e-5, err_msg=name)


def test_generation_uses_the_adapter_and_its_changes() -> None:
    model = get_peft_model(llama(), LoraConfig(target_modules="all-linear", task_type="CAUSAL_LM"))
    assert isinstance(model, PeftModelForCausalLM)

    def tokens() -> list[int]:
        found: Any = model.generate(IDS[:1], max_new_tokens=6, do_sample=False)
        ids: list[int] = np.asarray(found)[0].tolist()
        return ids

    before = tokens()
    randomized(model)
    after = tokens()
    assert after != before
    with model.disable_adapter():
        assert tokens() == before
    assert tokens() == after
    assert (
        np.asarray(model.merge_and_unload().generate(IDS[:1], max_new_tokens=6, do_sample=False))[0].tolist() == after
    )


def test_the_model_inside_a_model_has_its_adapters() -> None:
    model = randomized(adapted(target_modules=["query", "word_embeddings"]))
    base = model.base_model.model
    pooled = model.bert(IDS, attention_mask=MASK).pooler_output
    weight, bias = (base.classifier.weight.numpy(), base.classifier.bias.numpy())
    np.testing.assert_allclose(pooled @ weight.T + bias, logits(model), atol=1e-5)


def test_adapters_are_saved_and_loaded(tmp_path: Path) -> None:
    model = randomized(adapted(target_modules=["query", "word_embeddings"], use_dora=True, lora_alpha=3))
    losses(model, 2)
    model.save_pretrained(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter_config.json", "adapter_model.safetensors"]
    names = set(load_file(tmp_path / "adapter_model.safetensors"))
    query = "base_model.model.bert.encoder.layer.0.attention.self.query"
    table = "base_model.model.bert.embeddings.word_embeddings"
    assert {f"{query}.lora_A.weight", f"{query}.lora_magnitude_vector", f"{table}.lora_embedding_B"} <= names
    assert {"base_model.model.classifier.weight", "base_model.model.classifier.bias"} <= names
    again = PeftModel.from_pretrained(classifier(), tmp_path)
    np.testing.assert_array_equal(logits(again), logits(model))
    assert again.peft_config["default"].inference_mode
    assert again.peft_config["default"].base_model_name_or_path == str(BERT)
    other = adapted(target_modules=["query", "word_embeddings"], use_dora=True, lora_alpha=3)
    assert set_peft_model_state_dict(other, get_peft_model_state_dict(model)) == ([], [])
    np.testing.assert_array_equal(logits(other), logits(model))


def test_a_state_dict_has_all_parameters() -> None:
    model, other = randomized(adapted()), adapted()
    state = model.state_dict()
    assert other.load_state_dict(state) == ([], [])
    np.testing.assert_array_equal(logits(other), logits(model))
    del state["base_model.model.classifier.modules_to_save.default.bias"]
    with pytest.raises(WeightsError, match=r"missing \['base_model.model.classifier.modules_to_save.default.bias'\]"):
        other.load_state_dict(state)


def test_adapters_are_added_switched_and_deleted(tmp_path: Path) -> None:
    model = randomized(get_peft_model(llama(), LoraConfig(target_modules=["q_proj"])))
    first = logits(model)
    model.add_adapter("other", LoraConfig(target_modules=["up_proj"], init_lora_weights=False))
    np.testing.assert_array_equal(logits(model), first)
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert trained and all(".default" in name for name in trained)
    model.set_adapter("other")
    second = logits(model)
    assert np.abs(second - first).max() > 0.01
    model.save_pretrained(tmp_path, selected_adapters=["other"])
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
    model.delete_adapter("other")
    np.testing.assert_array_equal(logits(model), first)
    with pytest.raises(InputError, match="adapter_name: no adapter 'other'; there are default"):
        model.set_adapter("other")
    model.load_adapter(tmp_path / "other", "again")
    model.set_adapter("again", inference_mode=True)
    np.testing.assert_array_equal(logits(model), second)
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_merging_is_exact_and_gives_back_a_plain_model(tmp_path: Path) -> None:
    model = randomized(adapted(target_modules=["query", "dense", "word_embeddings"]))
    before = logits(model)
    merged = model.merge_and_unload(safe_merge=True)
    assert type(merged).__name__ == "BertForSequenceClassification"
    np.testing.assert_allclose(logits(merged), before, atol=1e-5)
    merged.save_pretrained(tmp_path)
    np.testing.assert_allclose(
        logits(tf.AutoModelForSequenceClassification.from_pretrained(tmp_path)), before, atol=1e-5
    )
    with pytest.raises(InputError, match="merged or unloaded"):
        model.state_dict()


def test_a_weight_that_is_not_finite_is_not_merged() -> None:
    model = adapted()
    before = logits(model)
    with no_grad():
        name = "base_model.model.bert.encoder.layer.0.attention.self.query.lora_B.default.weight"
        dict(model.named_parameters())[name].fill_(float("nan"))
    with pytest.raises(InputError, match=r"layer\.0\.attention\.self\.query is not finite with 'default'"):
        model.merge_and_unload(safe_merge=True)
    with model.disable_adapter():
        assert np.isfinite(before).all() and np.isfinite(logits(model)).all()


def test_saving_the_base_model_leaves_the_adapter_out(tmp_path: Path) -> None:
    base = classifier()
    before = logits(base)
    model = adapted()
    losses(randomized(model), 1)
    model.get_base_model().save_pretrained(tmp_path)
    again = tf.AutoModelForSequenceClassification.from_pretrained(tmp_path)
    np.testing.assert_allclose(logits(again), before, atol=1e-6)


def test_a_model_that_was_trained_as_a_whole_gets_an_adapter() -> None:
    base = classifier()
    first = losses(base, 2, rate=1e-3)
    found = losses(get_peft_model(base, LoraConfig(task_type="SEQ_CLS")))
    assert found[0] < first[-1] and found[-1] < 0.5 * found[0]


def test_a_model_with_adapters_is_freed() -> None:
    model = adapted()
    losses(model, 1)
    alive = weakref.ref(model.get_base_model())
    del model
    gc.collect()
    assert alive() is None


def test_initial_values_are_those_of_the_seed() -> None:
    tf.set_seed(3)
    first = {name: parameter.numpy() for name, parameter in adapted().named_parameters() if "lora_" in name}
    tf.set_seed(3)
    for name, parameter in adapted().named_parameters():
        if "lora_" in name:
            np.testing.assert_array_equal(parameter.numpy(), first[name])
            bound = 1 / np.sqrt(parameter.shape[1])
            assert not parameter.numpy().any() if "lora_B" in name else 0.8 * bound < parameter.abs().max() <= bound


def test_a_target_that_matches_nothing_lists_the_modules() -> None:
    model = classifier()
    message = r"target_modules: q_proj matches no module; there are classifier, dense, key, .*query.*word_embeddings"
    with pytest.raises(InputError, match=message):
        get_peft_model(model, LoraConfig(target_modules=["q_proj"]))
    with pytest.raises(InputError, match="'.*q_proj' matches no module"):
        get_peft_model(model, LoraConfig(target_modules=".*q_proj"))
    with pytest.raises(InputError, match=r"query with layers_to_transform=\[9\] matches no module"):
        get_peft_model(model, LoraConfig(target_modules=["query"], layers_to_transform=[9]))
    with pytest.raises(InputError, match=r"LayerNorm is a LayerNorm, and not a linear layer"):
        get_peft_model(model, LoraConfig(target_modules=["LayerNorm"]))
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert type(model.bert.encoder).__name__ == "Module" and model._adapters is None


def test_files_that_do_not_fit_are_named(tmp_path: Path) -> None:
    adapted(base_model_name_or_path="some/other-model").save_pretrained(tmp_path)
    file = tmp_path / "adapter_model.safetensors"
    tensors = {name: tensor.clone() for name, tensor in load_file(file).items()}
    name = "base_model.model.bert.encoder.layer.1.attention.self.query.lora_A.weight"
    save_file({**tensors, name: Tensor(np.zeros((4, 41), np.float32))}, file)
    base = classifier()
    before = logits(base)
    with pytest.raises(WeightsError, match=rf"{name} is \(4, 41\), and \(4, 40\) fits the model; .* some/other-model"):
        PeftModel.from_pretrained(base, tmp_path)
    np.testing.assert_array_equal(logits(base), before)
    file.unlink()
    with pytest.raises(HubError, match=r"adapter_model\.safetensors"):
        PeftModel.from_pretrained(base, tmp_path)
    with pytest.raises(InputError, match="query, value with .* matches no module; there are down_proj"):
        PeftModel.from_pretrained(llama(), tmp_path)
    (tmp_path / "adapter_config.json").write_text("{")
    with pytest.raises(ConfigError, match=r"adapter_config\.json: no JSON"):
        PeftConfig.from_pretrained(tmp_path)


def test_missing_and_unknown_tensors_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    adapted().save_pretrained(tmp_path)
    file = tmp_path / "adapter_model.safetensors"
    tensors = {name: tensor.clone() for name, tensor in load_file(file).items()}
    lost = "base_model.model.bert.encoder.layer.1.attention.self.query.lora_A.weight"
    tensors["base_model.model.bert.nothing.lora_A.weight"] = tensors.pop(lost)
    save_file(tensors, file)
    model = adapted()
    own = lost.replace("lora_A", "lora_A.other")
    assert model.load_adapter(tmp_path, "other") == ([own], ["base_model.model.bert.nothing.lora_A.weight"])
    assert f"have initial values: {own}" in caplog.text
    assert "not used: base_model.model.bert.nothing.lora_A.weight" in caplog.text


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"r": 0}, InputError, "r: expected a positive int, found 0"),
        ({"rank_pattern": {"query": -1}}, InputError, r"rank_pattern\['query'\]: expected a positive int"),
        ({"lora_dropout": 1.5}, InputError, "lora_dropout: expected a number from 0 to below 1, found 1.5"),
        ({"bias": "some"}, InputError, "bias: expected one of none, all, lora_only"),
        ({"task_type": "CHAT"}, InputError, "task_type: expected one of SEQ_CLS"),
        ({"target_modules": 3}, InputError, "target_modules: expected names or a regular expression, found int"),
        ({"target_modules": "q", "layers_to_transform": 1}, InputError, "layers_to_transform: target_modules is a str"),
        ({"layers_pattern": "h"}, InputError, "layers_pattern: pass layers_to_transform too"),
        ({"target_modules": [3]}, InputError, "target_modules: expected names, found 3"),
        ({"modules_to_save": [None]}, InputError, "modules_to_save: expected names, found None"),
        ({"layers_to_transform": "1"}, InputError, "layers_to_transform: expected indices of layers, found '1'"),
        ({"rank_pattern": [1]}, InputError, r"rank_pattern: expected a dict of patterns, found \[1\]"),
        ({"rank_pattern": {"q(": 1}}, InputError, r"rank_pattern: 'q\(' is no regular expression"),
        ({"use_dora": "yes"}, InputError, "use_dora: expected a bool, found 'yes'"),
        ({"init_lora_weights": "pissa"}, UnsupportedError, "init_lora_weights='pissa'"),
        ({"layer_replication": [(0, 2)]}, UnsupportedError, "layer_replication of a LoraConfig"),
        ({"lora_bias": True}, UnsupportedError, "lora_bias of a LoraConfig"),
        ({"trainable_token_indices": [1]}, UnsupportedError, "trainable_token_indices of a LoraConfig"),
    ],
)
def test_settings_that_are_wrong_are_named(settings: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        LoraConfig(**settings)


def test_arguments_that_are_wrong_are_named(tmp_path: Path) -> None:
    model = adapted()
    with pytest.raises(InputError, match="adapter_name: there is an adapter 'default' already"):
        model.add_adapter("default", LoraConfig())
    with pytest.raises(InputError, match="peft_config: expected a LoraConfig, found str"):
        get_peft_model(classifier(), "lora")
    with pytest.raises(InputError, match="model: expected a model of trustformers, found int"):
        get_peft_model(3, LoraConfig(target_modules=["query"]))  # type: ignore[arg-type]  # the error's subject
    with pytest.raises(InputError, match="no adapter None; there are default"):
        model.set_adapter(None)
    with pytest.raises(InputError, match="no adapter 'other'; there are default"):
        model.save_pretrained(tmp_path, selected_adapters=["other"])
    with pytest.raises(InputError, match="target_modules: 'q[(]' is no regular expression"):
        get_peft_model(classifier(), LoraConfig(target_modules="q("))
    with pytest.raises(UnsupportedError, match="modules_to_save='transformer.wte', whose weight lm_head.weight is too"):
        get_peft_model(
            tf.AutoModelForCausalLM.from_pretrained(GPT2),
            LoraConfig(target_modules=["c_attn"], modules_to_save=["wte"]),
        )


@pytest.mark.parametrize("options", [{"load_in_8bit": True}, {"load_in_4bit": True}])
def test_the_classifier_of_a_quantized_model_stays_float_and_is_trained(
    options: dict[str, Any], tmp_path: Path
) -> None:
    before = classifier().classifier.weight.numpy().copy()
    model = randomized(get_peft_model(classifier(**options), LoraConfig(task_type="SEQ_CLS")))
    np.testing.assert_array_equal(model.get_base_model().classifier.weight.numpy(), before)
    losses(model, 4)
    saved = {name: weight for name, weight in model.state_dict().items() if "modules_to_save" in name}
    assert not np.array_equal(next(weight.numpy() for name, weight in saved.items() if name.endswith("weight")), before)
    model.save_pretrained(tmp_path)
    found = PeftModel.from_pretrained(classifier(**options), tmp_path)
    np.testing.assert_allclose(logits(found), logits(model), atol=1e-5)


def test_quantized_modules_are_not_trained_as_a_whole() -> None:
    with pytest.raises(UnsupportedError, match=r"modules_to_save: bert\.encoder\.layer.*query.weight is quantized"):
        get_peft_model(classifier(load_in_8bit=True), LoraConfig(target_modules=["key"], modules_to_save=["query"]))


def test_unknown_keys_of_a_file_have_no_effect(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    LoraConfig(target_modules=["query"]).save_pretrained(tmp_path)
    file = tmp_path / "adapter_config.json"
    fields = json.loads(file.read_text())
    file.write_text(json.dumps({**fields, "enable_lora": None, "merge_weights": False}))
    assert LoraConfig.from_pretrained(tmp_path) == LoraConfig(target_modules=["query"])
    assert not caplog.text
    file.write_text(json.dumps({**fields, "use_something_newer": True}))
    assert PeftConfig.from_pretrained(tmp_path) == LoraConfig(target_modules=["query"])
    assert "unknown keys have no effect: use_something_newer" in caplog.text
    file.write_text(json.dumps({**fields, "peft_type": "IA3"}))
    with pytest.raises(UnsupportedError, match="peft_type 'IA3'"):
        PeftConfig.from_pretrained(tmp_path)


def test_a_model_has_adapters_itself(tmp_path: Path) -> None:
    model = llama()
    before = logits(model)
    model.add_adapter(LoraConfig(target_modules=["q_proj"], init_lora_weights=False), "first")
    first = logits(model)
    assert np.abs(first - before).max() > 0.01
    assert model.active_adapters() == ["first"] and list(model.peft_config) == ["first"]
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert trained[0] == "model.layers.0.self_attn.q_proj.lora_A.first.weight"
    assert all(".first.weight" in name for name in trained)
    model.add_adapter(LoraConfig(target_modules=["up_proj"], init_lora_weights=False), "second")
    second = logits(model)
    model.set_adapter("first")
    np.testing.assert_array_equal(logits(model), first)
    model.set_adapter(["first", "second"])
    assert np.abs(logits(model) - second).max() > 0.01
    model.disable_adapters()
    np.testing.assert_array_equal(logits(model), before)
    model.enable_adapters()
    model.set_adapter("second")
    model.save_pretrained(tmp_path)
    assert (tmp_path / "adapter_model.safetensors").is_file() and not (tmp_path / "model.safetensors").exists()
    state = model.state_dict()
    assert "model.layers.0.mlp.up_proj.base_layer.weight" in state
    assert model.load_state_dict(state) == ([], [])
    model.delete_adapter(["first", "second"])
    np.testing.assert_array_equal(logits(model), before)
    with pytest.raises(AttributeError, match="no attribute 'peft_config'"):
        model.peft_config  # noqa: B018  # the error's subject
    with pytest.raises(InputError, match=r"no adapters; call add_adapter\(\) or load_adapter\(\) first"):
        model.set_adapter("first")
    assert model.load_adapter(tmp_path) == ([], [])
    np.testing.assert_array_equal(logits(model), second)
    with pytest.raises(InputError, match="there is an adapter 'default' already"):
        model.load_adapter(tmp_path)
    np.testing.assert_array_equal(logits(PeftModel.from_pretrained(llama(), tmp_path)), second)


def test_a_model_with_an_adapter_of_its_own_is_trained() -> None:
    model = classifier()
    model.add_adapter(LoraConfig(r=4, modules_to_save=["classifier"]))
    found = losses(model)
    assert found[-1] < 0.5 * found[0]
    state = model.get_adapter_state_dict()
    assert "bert.encoder.layer.0.attention.self.query.lora_A.weight" in state and "classifier.bias" in state
    other = classifier()
    assert other.load_adapter(peft_config=model.peft_config["default"], adapter_state_dict=state) == ([], [])
    np.testing.assert_array_equal(logits(other), logits(model))


def test_an_adapter_is_loaded_with_the_base_model_that_it_names(tmp_path: Path) -> None:
    base = tf.AutoModelForSequenceClassification.from_pretrained(BERT)
    model = randomized(get_peft_model(base, LoraConfig(task_type="SEQ_CLS")))
    model.save_pretrained(tmp_path)
    for kind in (AutoPeftModel, AutoPeftModelForSequenceClassification):
        found = kind.from_pretrained(tmp_path)
        assert type(found).__name__ == "PeftModelForSequenceClassification"
        np.testing.assert_array_equal(logits(found), logits(model))
    with pytest.raises(InputError, match="its task_type is SEQ_CLS, which AutoPeftModelForCausalLM does not load"):
        AutoPeftModelForCausalLM.from_pretrained(tmp_path)
    with pytest.raises(InputError, match=r"bert: no adapter_config\.json"):
        AutoPeftModel.from_pretrained(BERT)


def test_copies_and_pickles_have_adapters_of_their_own() -> None:
    model = randomized(adapted(bias="lora_only"))
    losses(model, 1)
    expected = logits(model)
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert type(other).__name__ == "PeftModelForSequenceClassification"
        assert {name for name, parameter in other.named_parameters() if parameter.requires_grad} == trained
        np.testing.assert_allclose(logits(other), expected, atol=1e-6)
        losses(other, 1)
        np.testing.assert_array_equal(logits(model), expected)
        assert np.abs(logits(other) - expected).max() > 1e-4
    own = classifier()
    own.add_adapter(LoraConfig(init_lora_weights=False))
    again = pickle.loads(pickle.dumps(own))
    np.testing.assert_array_equal(logits(again), logits(own))
    assert again.active_adapters() == ["default"]


def test_a_quantized_model_is_prepared_for_an_adapter() -> None:
    base = prepare_model_for_kbit_training(llama(load_in_4bit=True))
    assert not any(parameter.requires_grad for parameter in base.parameters())
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM"))
    assert all(".lora_" in name for name, parameter in model.named_parameters() if parameter.requires_grad)
    model.train()
    model(IDS, attention_mask=MASK, labels=IDS).loss.backward()
    assert any(parameter.grad is not None for parameter in model.parameters())


def test_pipelines_use_the_adapter(minilm_path: Path) -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(minilm_path)
    base = tf.AutoModelForSequenceClassification.from_pretrained(minilm_path)
    model = get_peft_model(base, LoraConfig(task_type="SEQ_CLS", init_lora_weights=False))
    found: Any = tf.pipeline("text-classification", model=model, tokenizer=tokenizer)("hello", top_k=None)
    expected = model(**tokenizer("hello", return_tensors="np")).logits[0]
    expected = np.exp(expected) / np.exp(expected).sum()
    np.testing.assert_allclose(sorted(entry["score"] for entry in found), sorted(expected), atol=1e-5)
    with model.disable_adapter():
        plain: Any = tf.pipeline("text-classification", model=model, tokenizer=tokenizer)("hello", top_k=None)
    assert plain != found
