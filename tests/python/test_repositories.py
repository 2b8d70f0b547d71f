"""Repositories as they are published: folders, variants, pickled weights, adapters, pointers."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from trustformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    pipeline,
)
from trustformers.errors import ConfigError, HubError, InputError, IoError, UnsupportedError, WeightsError
from trustformers.peft import LoraConfig, get_peft_model

GOLDENS = Path(__file__).parent.parent / "goldens"
IDS = [[1, 2, 3, 4]]


def hidden(path: Path, **kwargs: object) -> np.ndarray:
    outputs = AutoModel.from_pretrained(path, dtype="float32", **kwargs)(IDS)  # type: ignore[arg-type]
    return np.asarray(outputs.last_hidden_state)


def test_a_subfolder_holds_model_configuration_and_tokenizer(
    bert_copy: Path, minilm_path: Path, tmp_path: Path
) -> None:
    expected = hidden(bert_copy)
    shutil.copytree(bert_copy, tmp_path / "repository" / "sub")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(minilm_path / name, tmp_path / "repository" / "sub" / name)
    repository = tmp_path / "repository"
    np.testing.assert_array_equal(hidden(repository, subfolder="sub"), expected)
    assert AutoConfig.from_pretrained(repository, subfolder="sub").model_type == "bert"
    assert AutoTokenizer.from_pretrained(repository, subfolder="sub")("a")["input_ids"]
    with pytest.raises(HubError, match="other"):
        AutoModel.from_pretrained(repository, subfolder="other")
    with pytest.raises(InputError, match="subfolder"):
        AutoModel.from_pretrained(repository, subfolder="../repository")


def test_converted_weights_are_the_embeddings_of_a_tied_head_too(tmp_path: Path) -> None:
    # A table of many pages: only whole pages were released.
    config = BertConfig(
        vocab_size=4000, hidden_size=64, num_hidden_layers=1, num_attention_heads=4, intermediate_size=64
    )
    for name in ("float32", "float64"):
        (tmp_path / name).mkdir()
    BertForMaskedLM(config).save_pretrained(tmp_path / "float32")
    tensors = load_file(tmp_path / "float32" / "model.safetensors")
    doubles = {name: tensor.astype(np.float64) for name, tensor in tensors.items()}
    save_file(doubles, tmp_path / "float64" / "model.safetensors", {"format": "pt"})
    shutil.copy(tmp_path / "float32" / "config.json", tmp_path / "float64")
    models = [AutoModelForMaskedLM.from_pretrained(tmp_path / name, device="cpu") for name in ("float32", "float64")]
    expected, found = (model([[5, 77, 3000, 19]]).logits for model in models)
    np.testing.assert_array_equal(found, expected)


def test_a_variant_is_loaded_by_its_name(bert_copy: Path) -> None:
    tensors = load_file(bert_copy / "model.safetensors")
    save_file({name: tensor * 2 for name, tensor in tensors.items()}, bert_copy / "model.fp16.safetensors")
    plain, variant = hidden(bert_copy), hidden(bert_copy, variant="fp16")
    assert np.abs(plain - variant).max() > 0.01
    (bert_copy / "model.safetensors").unlink()
    np.testing.assert_array_equal(hidden(bert_copy, variant="fp16"), variant)
    with pytest.raises(WeightsError, match='variant="fp16"'):
        AutoModel.from_pretrained(bert_copy)
    with pytest.raises(InputError, match="variant"):
        AutoModel.from_pretrained(bert_copy, variant=16)  # type: ignore[arg-type]


def test_use_safetensors_false_reads_pickled_weights(bert_copy: Path) -> None:
    (bert_copy / "pytorch_model.bin").write_bytes(b"no archive")
    hidden(bert_copy, use_safetensors=True)
    with pytest.raises(WeightsError, match="pytorch_model.bin"):
        hidden(bert_copy, use_safetensors=False)


def test_an_adapter_is_loaded_with_its_base_model(bert_copy: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    base = AutoModel.from_pretrained(bert_copy)
    base.add_adapter(LoraConfig(target_modules=["query"], init_lora_weights=False))
    ids = np.array([[5, 6, 7]])
    expected = base(ids).last_hidden_state
    base.save_pretrained(adapter)
    found = AutoModel.from_pretrained(adapter)
    np.testing.assert_array_equal(found(ids).last_hidden_state, expected)
    assert list(found.peft_config) == ["default"] and found.name_or_path == str(bert_copy)
    assert list(AutoModel.from_pretrained(adapter, adapter_name="other").peft_config) == ["other"]
    (tmp_path / "inner").mkdir()
    adapter.rename(tmp_path / "inner/adapter")
    found = AutoModel.from_pretrained(tmp_path / "inner", subfolder="adapter")
    np.testing.assert_array_equal(found(ids).last_hidden_state, expected)


def test_an_adapter_without_its_base_model_is_an_error_that_names_it(bert_copy: Path) -> None:
    (bert_copy / "model.safetensors").rename(bert_copy / "adapter_model.safetensors")
    config = bert_copy / "adapter_config.json"
    config.write_text(json.dumps({"peft_type": "LORA", "base_model_name_or_path": "org/base"}))
    with pytest.raises(HubError, match="org/base"):
        AutoModel.from_pretrained(bert_copy, local_files_only=True)
    config.write_text(json.dumps({"peft_type": "LORA"}))
    with pytest.raises(ConfigError, match="base_model_name_or_path of adapter_config.json is missing"):
        AutoModel.from_pretrained(bert_copy)
    config.write_text(json.dumps({"peft_type": "IA3", "base_model_name_or_path": "org/base"}))
    with pytest.raises(UnsupportedError, match="peft_type 'IA3'"):
        AutoModel.from_pretrained(bert_copy)


def test_an_adapter_beside_a_model_gives_a_warning(bert_copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    (bert_copy / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "org/base"}))
    with caplog.at_level("WARNING", logger="trustformers"):
        AutoModel.from_pretrained(bert_copy)
    assert "adapter_config.json is ignored: there is no adapter_model.safetensors" in caplog.text


def test_an_adapter_without_its_weights_is_an_error_that_names_them(bert_copy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    fields = {"peft_type": "LORA", "base_model_name_or_path": str(bert_copy)}
    (folder / "adapter_config.json").write_text(json.dumps(fields))
    loads: list[Any] = [AutoModel.from_pretrained, partial(pipeline, "feature-extraction")]
    for load in loads:
        with pytest.raises(HubError, match=r"adapter: no file adapter_model.safetensors"):
            load(str(folder))
    (folder / "adapter_model.bin").write_bytes(b"")
    for load in loads:
        with pytest.raises(UnsupportedError, match=r"adapter_model.bin of .*; save the adapter as safetensors"):
            load(str(folder))


def test_a_pipeline_of_an_adapter_has_its_base_model_and_its_tokenizer(
    bert_copy: Path, minilm_path: Path, tmp_path: Path
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(minilm_path)
    model = AutoModel.from_pretrained(bert_copy)
    tokenizer.add_tokens(["<added>"])
    model.resize_token_embeddings(len(tokenizer))
    adapted = get_peft_model(model, LoraConfig(init_lora_weights=False))
    expected = pipeline("feature-extraction", adapted, tokenizer=tokenizer)("one <added> word")
    for saved in (adapted, tokenizer):
        saved.save_pretrained(tmp_path / "adapter")
    found = pipeline("feature-extraction", str(tmp_path / "adapter"))
    np.testing.assert_allclose(found("one <added> word"), expected, atol=1e-5)
    assert found.model.active_adapters() == ["default"]


def test_vocabularies_of_tiktoken_are_refused_by_name(bert_copy: Path) -> None:
    vocabulary = bert_copy / "tokenizer.model"
    vocabulary.write_bytes(b"IQ== 0\nIg== 1\n")
    with pytest.raises(UnsupportedError, match=r"tokenizer\.model.*tiktoken"):
        AutoTokenizer.from_pretrained(bert_copy)
    vocabulary.rename(bert_copy / "qwen.tiktoken")
    with pytest.raises(UnsupportedError, match=r"qwen\.tiktoken.*tokenizer\.json"):
        AutoTokenizer.from_pretrained(bert_copy)


def test_git_lfs_pointers_are_named(bert_copy: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12345\n"
    weights = (bert_copy / "model.safetensors").read_bytes()
    (bert_copy / "model.safetensors").write_text(pointer)
    with pytest.raises(IoError, match="git lfs pull"):
        AutoModel.from_pretrained(bert_copy)
    (bert_copy / "model.safetensors").write_bytes(weights)
    (bert_copy / "tokenizer.json").write_text(pointer)
    with pytest.raises(IoError, match=r"tokenizer\.json.*git lfs pull"):
        AutoTokenizer.from_pretrained(bert_copy)
    (bert_copy / "model.gguf").write_text(pointer)
    with pytest.raises(IoError, match=r"model\.gguf.*git lfs pull"):
        AutoModel.from_pretrained(bert_copy, gguf_file="model.gguf")
    (bert_copy / "config.json").write_text(pointer)
    with pytest.raises(IoError, match="git lfs pull"):
        AutoModel.from_pretrained(bert_copy)


def test_files_of_other_systems_are_read(bert_copy: Path) -> None:
    expected = hidden(bert_copy)
    config = json.loads((bert_copy / "config.json").read_text())
    text = json.dumps({**config, "task_specific_params": {"x": float("nan")}}, indent=1).replace("\n", "\r\n")
    (bert_copy / "config.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    np.testing.assert_array_equal(hidden(bert_copy), expected)
    config = AutoConfig.from_pretrained(bert_copy)
    assert config.hidden_size == 40 and hidden(bert_copy, config=config).shape == expected.shape


def test_weights_in_float64_are_computed_in_float32(bert_copy: Path) -> None:
    expected = hidden(bert_copy)
    tensors = load_file(bert_copy / "model.safetensors")
    save_file({name: tensor.astype(np.float64) for name, tensor in tensors.items()}, bert_copy / "model.safetensors")
    config = json.loads((bert_copy / "config.json").read_text())
    (bert_copy / "config.json").write_text(json.dumps({**config, "dtype": "float64"}))
    np.testing.assert_array_equal(hidden(bert_copy), expected)
    assert AutoModel.from_pretrained(bert_copy).dtype == "float32"


def test_tensors_that_the_model_lacks_are_reported(tmp_path: Path) -> None:
    shutil.copytree(GOLDENS / "decoders" / "llama", tmp_path / "llama")
    path = tmp_path / "llama"
    expected = AutoModelForCausalLM.from_pretrained(path, dtype="float32")(IDS).logits
    tensors = load_file(GOLDENS / "base_model" / "model.safetensors")
    extra = np.zeros(4, np.float32)
    save_file(
        {"model.layers.0.self_attn.q_proj.bias": extra, "x": next(iter(tensors.values()))}, path / "more.safetensors"
    )
    index = {"weight_map": {"a": "model.safetensors", "b": "more.safetensors", "c": "more.safetensors"}}
    (path / "model.safetensors").rename(path / "one.safetensors")
    index["weight_map"]["a"] = "one.safetensors"
    (path / "model.safetensors.index.json").write_text(json.dumps(index))
    loaded: Any = AutoModelForCausalLM.from_pretrained(path, dtype="float32", output_loading_info=True)
    model, info = loaded
    np.testing.assert_array_equal(model(IDS).logits, expected)
    assert {"model.layers.0.self_attn.q_proj.bias", "x"} <= set(info["unexpected_keys"])


def test_a_pipeline_passes_subfolder_and_variant_on(bert_copy: Path, minilm_path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "repository" / "sub"
    shutil.copytree(minilm_path, folder)
    (folder / "model.safetensors").rename(folder / "model.fp16.safetensors")
    options = {"subfolder": "sub", "variant": "fp16"}
    found = pipeline("feature-extraction", model=str(tmp_path / "repository"), model_kwargs=options)("one text")
    np.testing.assert_array_equal(found, pipeline("feature-extraction", model=str(minilm_path))("one text"))
