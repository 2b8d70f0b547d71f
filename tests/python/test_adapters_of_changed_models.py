"""Models with adapters that are cast to another dtype, or get more tokens."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trustformers as tf
from trustformers import Tensor
from trustformers.errors import UnsupportedError, WeightsError
from trustformers.peft import AutoPeftModelForCausalLM, LoraConfig, PeftModel, get_peft_model
from trustformers.safetensors import load_file
from trustformers.training import AdamW

GOLDENS = Path(__file__).parent.parent / "goldens"
LLAMA = GOLDENS / "decoders/llama"
IDS = np.array([[5, 6, 7, 8], [9, 10, 11, 12]])


def llama(**options: Any) -> Any:
    tf.set_seed(0)
    return tf.AutoModelForCausalLM.from_pretrained(LLAMA, **{"dtype": "float32", **options})


def adapted(**settings: Any) -> Any:
    return get_peft_model(llama(), LoraConfig(r=4, task_type="CAUSAL_LM", init_lora_weights=False, **settings))


def step(model: Any) -> float:
    optimizer = AdamW([parameter for parameter in model.parameters() if parameter.requires_grad], lr=0.01)
    model.train()
    loss = model(Tensor(IDS), labels=Tensor(IDS)).loss
    loss.backward()
    optimizer.step()
    model.eval()
    found: float = loss.item()
    return found


def dtypes(model: Any) -> set[str]:
    return {str(parameter.dtype).rpartition(".")[2] for parameter in model.parameters()}


def test_adapters_are_cast_with_their_model() -> None:
    model = adapted(target_modules="all-linear")
    expected, trained = model(IDS).logits, [parameter.requires_grad for parameter in model.parameters()]
    for cast, dtype in ((model.bfloat16, "bfloat16"), (model.float, "float32"), (model.half, "float16")):
        assert cast() is model
        assert dtypes(model) == {dtype} and model.dtype == dtype
        assert [parameter.requires_grad for parameter in model.parameters()] == trained
        np.testing.assert_allclose(model(IDS).logits, expected, atol=0.2)
    before = step(model)
    assert step(model) < before
    assert model.merge_and_unload().dtype == "float16"


def test_adapters_that_a_model_has_itself_are_cast_with_it() -> None:
    model = llama()
    model.add_adapter(LoraConfig(target_modules=["q_proj", "v_proj"], init_lora_weights=False))
    expected = model(IDS).logits
    assert model.to("bfloat16") is model and dtypes(model) == {"bfloat16"}
    np.testing.assert_allclose(model(IDS).logits, expected, atol=0.2)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert dtypes(other) == {"bfloat16"}
        np.testing.assert_array_equal(other(IDS).logits, model(IDS).logits)


def test_new_adapters_of_a_model_in_bfloat16_are_in_float32_until_they_are_cast() -> None:
    model = get_peft_model(llama(dtype="bfloat16"), LoraConfig(task_type="CAUSAL_LM"))
    assert dtypes(model) == {"bfloat16", "float32"}
    assert dtypes(model.to("cpu")) == {"bfloat16", "float32"}
    assert dtypes(model.to(dtype="bfloat16")) == {"bfloat16"}


def test_adapters_have_the_dtype_of_the_model_if_they_are_to(tmp_path: Path) -> None:
    config = LoraConfig(task_type="CAUSAL_LM")
    model = get_peft_model(llama(dtype="bfloat16"), config, autocast_adapter_dtype=False, revision="main")
    assert model.peft_config["default"].revision == "main"
    assert dtypes(model) == {"bfloat16"}
    model.add_adapter("other", LoraConfig(r=2), autocast_adapter_dtype=False)
    assert dtypes(model) == {"bfloat16"}
    model.save_pretrained(tmp_path)
    loaded = PeftModel.from_pretrained(llama(dtype="bfloat16"), tmp_path, autocast_adapter_dtype=False)
    loaded.load_adapter(tmp_path / "other", "other", autocast_adapter_dtype=False)
    assert dtypes(loaded) == {"bfloat16"}
    loaded.load_adapter(tmp_path / "other", "again")
    assert dtypes(loaded) == {"bfloat16", "float32"}


def test_a_quantized_model_with_adapters_is_not_cast() -> None:
    model = get_peft_model(llama(load_in_8bit=True), LoraConfig(task_type="CAUSAL_LM"))
    with pytest.raises(UnsupportedError, match="changing a quantized model from float32 to bfloat16"):
        model.bfloat16()
    assert dtypes(model) == {"float32"}


def test_more_tokens_leave_the_adapters_as_they_are(tmp_path: Path) -> None:
    model = adapted()
    step(model)
    expected, old = model(IDS).logits, model.config.vocab_size
    trained = [name for name, parameter in model.named_parameters() if parameter.requires_grad]
    assert model.resize_token_embeddings(old + 3).num_embeddings == old + 3
    assert [name for name, parameter in model.named_parameters() if parameter.requires_grad] == trained
    found = model(IDS).logits
    assert found.shape[-1] == old + 3
    np.testing.assert_allclose(found[..., :old], expected, atol=1e-5)
    before = step(model)
    assert step(model) < before


def test_an_adapter_of_a_resized_model_is_saved_with_the_embeddings(tmp_path: Path) -> None:
    base = llama()
    base.resize_token_embeddings(base.config.vocab_size + 3)
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False))
    model.save_pretrained(tmp_path)
    tables = {key for key in load_file(tmp_path / "adapter_model.safetensors") if ".lora_" not in key}
    assert tables == {"base_model.model.model.embed_tokens.weight", "base_model.model.lm_head.weight"}
    with pytest.raises(WeightsError, match="embed_tokens"):
        AutoPeftModelForCausalLM.from_pretrained(tmp_path)
    other = llama()
    other.resize_token_embeddings(base.config.vocab_size, mean_resizing=False)
    loaded = PeftModel.from_pretrained(other, tmp_path)
    np.testing.assert_allclose(loaded(IDS).logits, model(IDS).logits, atol=1e-5)


def test_a_tokenizer_beside_an_adapter_says_how_many_tokens_there_are(tmp_path: Path) -> None:
    tokenizer = tf.AutoTokenizer.from_pretrained(GOLDENS / "text_generation/tokenizer")
    base = llama()
    added = max(0, base.config.vocab_size - len(tokenizer)) + 3
    tokenizer.add_tokens([f"<added{index}>" for index in range(added)])
    base.resize_token_embeddings(len(tokenizer))
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", init_lora_weights=False))
    for saved in (model, tokenizer):
        saved.save_pretrained(tmp_path)
    loaded = AutoPeftModelForCausalLM.from_pretrained(tmp_path, dtype="float32")
    assert loaded.config.vocab_size == len(tokenizer)
    np.testing.assert_allclose(loaded(IDS).logits, model(IDS).logits, atol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [{"target_modules": ["q_proj", "embed_tokens"]}, {"target_modules": ["q_proj", "lm_head"]}],
)
def test_embeddings_with_an_adapter_are_not_resized(settings: dict[str, Any]) -> None:
    model = adapted(**settings)
    with pytest.raises(
        UnsupportedError, match="resizing model.embed_tokens.weight, which the adapter 'default' changes"
    ):
        model.resize_token_embeddings(200)


@pytest.mark.parametrize("options", [{"load_in_8bit": True}, {"load_in_4bit": True}])
def test_a_quantized_model_is_not_resized(options: dict[str, Any]) -> None:
    model = llama(**options)
    with pytest.raises(UnsupportedError, match="resize_token_embeddings.. of a quantized model"):
        model.resize_token_embeddings(200)
    assert model.is_quantized
