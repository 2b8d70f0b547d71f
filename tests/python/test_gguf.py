"""Configuration, weights and tokenizer from GGUF files."""

import asyncio
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from trustformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2ForCausalLM,
    pipeline,
)
from trustformers.errors import HubError, InputError, UnsupportedError, WeightsError

GOLDEN = Path(__file__).parent.parent / "goldens" / "gguf"
CASES = load_file(GOLDEN / "cases.safetensors")


def test_a_model_equals_the_reference() -> None:
    numbers = {"quant_method": "gguf", "dequantize": True}
    model = AutoModelForCausalLM.from_pretrained(GOLDEN, gguf_file="llama_k.gguf", quantization_config=numbers)
    assert isinstance(model, LlamaForCausalLM)
    assert (model.dtype, model.is_quantized) == ("float32", False)
    logits = model(CASES["llama_k.input_ids"]).logits
    np.testing.assert_allclose(logits, CASES["llama_k.logits"], atol=5e-5)


def test_quantized_blocks_are_not_dequantized(tmp_path: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(GOLDEN, gguf_file="llama_k.gguf", dtype="bfloat16", device="cpu")
    assert (model.dtype, model.is_quantized, model.quantization_method) == ("bfloat16", True, "gguf")
    logits, expected = model(CASES["llama_k.input_ids"]).logits.ravel(), CASES["llama_k.logits"].ravel()
    assert logits @ expected / np.linalg.norm(logits) / np.linalg.norm(expected) > 0.999
    with pytest.raises(UnsupportedError, match="saving"):
        model.save_pretrained(tmp_path)


def test_generation_ends_at_the_eos_token_of_the_file() -> None:
    model = AutoModelForCausalLM.from_pretrained(GOLDEN, gguf_file="qwen2.gguf")
    assert isinstance(model, Qwen2ForCausalLM)
    assert (model.generation_config.bos_token_id, model.generation_config.eos_token_id) == (1, 2)
    tokens = model.generate(CASES["qwen2.input_ids"], max_new_tokens=4, do_sample=False)
    assert tokens.shape[1] <= 17


def test_a_configuration_is_read_from_the_file() -> None:
    config = AutoConfig.from_pretrained(GOLDEN, gguf_file="llama.gguf")
    assert isinstance(config, LlamaConfig)
    expected = json.loads((GOLDEN / "manifest.json").read_text())["configs"]["llama"]
    for key in (
        "vocab_size",
        "hidden_size",
        "num_key_value_heads",
        "head_dim",
        "max_position_embeddings",
        "hidden_act",
    ):
        assert getattr(config, key) == expected[key]
    assert config.rope_parameters["rope_theta"] == expected["rope_parameters"]["rope_theta"]
    changed = AutoConfig.from_pretrained(GOLDEN, gguf_file="llama.gguf", num_labels=3)
    assert changed.num_labels == 3


def test_other_heads_and_the_base_model(caplog: pytest.LogCaptureFixture) -> None:
    model = AutoModel.from_pretrained(GOLDEN, gguf_file="qwen2.gguf")
    assert model(CASES["qwen2.input_ids"]).last_hidden_state.shape == (1, 13, 64)
    assert not caplog.records


def test_a_tokenizer_is_read_from_the_file() -> None:
    golden = json.loads((GOLDEN / "tokenizers.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained(GOLDEN, gguf_file="tokenizer_llama_bpe.gguf")
    assert tokenizer(golden["texts"])["input_ids"] == golden["tokenizers"]["llama_bpe"]["ids"]
    chat = tokenizer.apply_chat_template(golden["chat"], tokenize=False, add_generation_prompt=True)
    assert chat == golden["tokenizers"]["llama_bpe"]["chat"]
    assert (
        AutoTokenizer.from_pretrained(GOLDEN, gguf_file="tokenizer_phi3.gguf", padding_side="left").padding_side
        == "left"
    )


def test_saved_files_are_read_without_the_gguf_file(tmp_path: Path) -> None:
    numbers = {"quant_method": "gguf", "dequantize": True}
    model = AutoModelForCausalLM.from_pretrained(GOLDEN, gguf_file="gpt2.gguf", quantization_config=numbers)
    model.save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(GOLDEN, gguf_file="tokenizer_gpt2.gguf").save_pretrained(tmp_path)
    logits = AutoModelForCausalLM.from_pretrained(tmp_path)(CASES["gpt2.input_ids"]).logits
    np.testing.assert_allclose(logits, CASES["gpt2.logits"], atol=5e-5)
    assert AutoTokenizer.from_pretrained(tmp_path).eos_token == "<|endoftext|>"


def test_files_load_in_the_background() -> None:
    async def load() -> tuple[str, int]:
        model = await AutoModelForCausalLM.from_pretrained_async(GOLDEN, gguf_file="phi3.gguf")
        tokenizer = await AutoTokenizer.from_pretrained_async(GOLDEN, gguf_file="tokenizer_phi3.gguf")
        return type(model).__name__, len(tokenizer)

    assert asyncio.run(load()) == ("Phi3ForCausalLM", 383)


def test_a_pipeline_reads_model_and_tokenizer(tmp_path: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(GOLDEN, gguf_file="tokenizer_llama.gguf")
    generator = pipeline("text-generation", str(GOLDEN), tokenizer=tokenizer, model_kwargs={"gguf_file": "llama.gguf"})
    assert isinstance(generator.model, LlamaForCausalLM)
    # This file has no vocabulary of its own.
    with pytest.raises(WeightsError, match="tokenizer.ggml.model"):
        pipeline("text-generation", str(GOLDEN), model_kwargs={"gguf_file": "llama.gguf"})


def test_what_contradicts_a_gguf_file_is_refused() -> None:
    with pytest.raises(InputError, match="gguf_file.*load_in_8bit"):
        AutoModelForCausalLM.from_pretrained(GOLDEN, gguf_file="llama.gguf", load_in_8bit=True)
    with pytest.raises(InputError, match="gguf_file.*quantization_config"):
        AutoModelForCausalLM.from_pretrained(GOLDEN, gguf_file="llama.gguf", quantization_config={"bits": 8})
    with pytest.raises(InputError, match="gguf_file: expected"):
        AutoModelForCausalLM.from_pretrained(GOLDEN, gguf_file=3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="qwen2"):
        LlamaForCausalLM.from_pretrained(GOLDEN, gguf_file="qwen2.gguf")


def test_damaged_and_absent_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(HubError, match=r"absent\.gguf"):
        AutoModelForCausalLM.from_pretrained(GOLDEN, gguf_file="absent.gguf")
    whole = (GOLDEN / "llama.gguf").read_bytes()
    (tmp_path / "cut.gguf").write_bytes(whole[:-1])
    for load in (AutoModelForCausalLM.from_pretrained, AutoConfig.from_pretrained, AutoTokenizer.from_pretrained):
        with pytest.raises(WeightsError, match=r"cut\.gguf"):
            load(tmp_path, gguf_file="cut.gguf")
    shutil.copy(GOLDEN / "blocks.gguf", tmp_path)
    with pytest.raises(UnsupportedError, match='architecture "none"'):
        AutoModelForCausalLM.from_pretrained(tmp_path, gguf_file="blocks.gguf")
